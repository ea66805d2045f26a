"""What is scheduled is published once, however many look for it."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from wagtail.models import PageLogEntry, Revision

from published.models import LedgerEntry
from tests.factories import NewsPageFactory
from tests.factories.contributions import member

if TYPE_CHECKING:
    from resources.models import NewsPage

SOON = dt.timedelta(hours=1)


def schedule(slug: str) -> NewsPage:
    """Return a page that is to go live, and one that is to leave, in an hour."""
    page = NewsPageFactory(slug=slug, draft=True, go_live_at=timezone.now() + SOON)
    page.save_revision().publish(user=member("Coordination", f"coordinatrice-{slug}"))
    return page


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_publish_and_unpublish_once(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = [schedule(f"page-{number}") for number in range(3)]
    leaving = NewsPageFactory(slug="finie", expire_at=timezone.now() + SOON)
    before = LedgerEntry.objects.count()
    both = threading.Barrier(2, timeout=1)
    first = Revision.publish

    def publish(revision: Revision, *args: Any, **options: Any) -> None:
        # Both have seen what is due by the time that one publishes it.
        with suppress(threading.BrokenBarrierError):
            both.wait()
        first(revision, *args, **options)

    monkeypatch.setattr(Revision, "publish", publish)
    errors: list[Exception] = []

    def run() -> None:
        try:
            call_command("publish_scheduled", verbosity=0)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    with time_machine.travel(timezone.now() + SOON * 2):
        threads = [threading.Thread(target=run) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert errors == []
    entries = PageLogEntry.objects.filter(action="wagtail.publish.scheduled")
    assert sorted(entries.values_list("page", flat=True)) == [page.pk for page in pages]
    gone = PageLogEntry.objects.filter(action="wagtail.unpublish.scheduled")
    assert list(gone.values_list("page", flat=True)) == [leaving.pk]
    assert LedgerEntry.objects.count() - before == 4


@pytest.mark.django_db
def test_one_failure_does_not_stop_the_rest(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pages = [schedule(f"page-{number}") for number in range(2)]
    publish = Revision.publish

    def fail_once(revision: Revision, *args: Any, **options: Any) -> None:
        if revision.object_id == str(pages[0].pk):
            raise OSError("disk full")
        publish(revision, *args, **options)

    monkeypatch.setattr(Revision, "publish", fail_once)
    with time_machine.travel(timezone.now() + SOON * 2):
        call_command("publish_scheduled", verbosity=0)

    for page in pages:
        page.refresh_from_db()
    assert [page.live for page in pages] == [False, True]
    assert "disk full" in caplog.text

    monkeypatch.setattr(Revision, "publish", publish)
    with time_machine.travel(timezone.now() + SOON * 2):
        call_command("publish_scheduled", verbosity=0)
    pages[0].refresh_from_db()
    assert pages[0].live
