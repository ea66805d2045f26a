"""Every term of the registry, by the clock: kept until its end, and no longer."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
import uuid
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

from background.registry import periodic_commands
from contributions.models import Contribution, ContributionFile, ContributionState
from core.models import PersonalDataAct, RequestCount
from core.privacy import retention as engine
from core.privacy.registry import Retention, retentions
from core.privacy.retention import apply_retention
from events.models import Registration
from figures.models import DailyTotal, SearchedDay, SearchedWords
from network.models import StructureExport, StructureImport
from newsletter.models import ExportLog, Subscriber
from outbox.models import OutgoingEmail
from tests.factories import DocumentFactory, UserFactory
from tests.factories.contributions import ContributionFactory, ContributionFileFactory
from tests.factories.events import RegistrationFactory, WebinarPageFactory, only_session
from tests.factories.newsletter import SubscriberFactory

pytestmark = pytest.mark.django_db

START = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
Example = tuple[dt.datetime, Callable[[], bool]]
"""From when something is kept, and what returns whether it still is."""
EXAMPLES: dict[str, Callable[[], Example]] = {}


def example(key: str) -> Callable[[Callable[[], Example]], Callable[[], Example]]:
    def register(make: Callable[[], Example]) -> Callable[[], Example]:
        EXAMPLES[key] = make
        return make

    return register


def left(rows: Any) -> Callable[[], bool]:
    return lambda: rows.all().exists()


@example("core.request_counts")
def _() -> Example:
    RequestCount.objects.create(key="x", number=1, expires_at=START)
    return START - MINUTE / 2, left(RequestCount.objects.filter(key="x"))


@example("core.temporary_files")
def _() -> Example:
    path = Path(tempfile.mkdtemp(prefix="pare-"))
    os.utime(path, (START.timestamp(), START.timestamp()))
    return START, path.exists


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@example("core.sessions")
def _() -> Example:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store["x"] = 1
    store.set_expiry(START)
    store.save()
    rows = store.model.objects.filter(pk=store.session_key)
    return START, left(rows)


@example("core.proofs")
def _() -> Example:
    row = PersonalDataAct.objects.create(act="erase", digest="x", reason="asked", at=START)
    return START, left(PersonalDataAct.objects.filter(pk=row.pk))


def task(state: str) -> Example:
    row = DBTaskResult.objects.create(
        task_path="x", args_kwargs={}, backend_name="x", status=state, finished_at=START,
        run_after=get_date_max(), exception_class_path="", traceback="",
    )  # fmt: skip
    return START, left(DBTaskResult.objects.filter(pk=row.pk))


@example("core.tasks_done")
def _() -> Example:
    return task("SUCCESSFUL")


@example("core.tasks_failed")
def _() -> Example:
    return task("FAILED")


@example("accounts.inactive")
def _() -> Example:
    user = UserFactory(is_active=False, email="ada@example.org", last_login=START)
    return START, left(type(user).objects.filter(email="ada@example.org"))


@example("accounts.connections")
def _() -> Example:
    session = Session.objects.create(session_key="x" * 32, session_data="", expire_date=START)
    row = UserSession.objects.create(
        user=UserFactory(), session_key=session.session_key, ip="192.0.2.1", user_agent="x"
    )
    return START, left(UserSession.objects.filter(pk=row.pk))


def registration(**values: Any) -> tuple[Registration, dt.datetime]:
    row = RegistrationFactory(session=only_session(WebinarPageFactory()), **values)
    return row, row.session.ends_at


@example("events.needs")
def _() -> Example:
    row, end = registration(accessibility_needs="Sous-titres")
    return end, left(Registration.objects.filter(pk=row.pk).exclude(accessibility_needs=""))


@example("events.unconfirmed")
def _() -> Example:
    row, _end = registration(state=Registration.State.PENDING, consented_at=START)
    return START, left(Registration.objects.filter(pk=row.pk))


@example("events.registrations")
def _() -> Example:
    row, end = registration()
    return end, left(Registration.objects.filter(pk=row.pk))


@example("contributions.orphan_files")
def _() -> Example:
    file = ContributionFileFactory(contribution=None, session=uuid.uuid4())
    return START, left(ContributionFile.objects.filter(pk=file.pk))


@example("contributions.files_without_row")
def _() -> Example:
    storage: Any = storages["private"]
    # As old as a file can be made: the clock of the disk is not frozen.
    name = storage.save("contributions/perdu", ContentFile(b"x"))
    os.utime(storage.path(name), (START.timestamp(), START.timestamp()))
    return START, lambda: storage.exists(name)


def contribution(state: ContributionState, **values: Any) -> Contribution:
    return ContributionFactory(state=state, email="ada@example.org", **values)


@example("contributions.drafts")
def _() -> Example:
    contribution(ContributionState.DRAFT)
    return START, left(Contribution.objects.filter(email="ada@example.org"))


@example("contributions.refused")
def _() -> Example:
    contribution(ContributionState.REJECTED, closed_at=START)
    return START, left(Contribution.objects.filter(email="ada@example.org"))


@example("contributions.open")
def _() -> Example:
    contribution(ContributionState.CHANGES_REQUESTED)
    return START, left(Contribution.objects.filter(email="ada@example.org"))


@example("contributions.published")
def _() -> Example:
    contribution(ContributionState.PUBLISHED, closed_at=START)
    return START, left(Contribution.objects.filter(email="ada@example.org"))


@example("contributions.originals")
def _() -> Example:
    published = contribution(ContributionState.PUBLISHED, closed_at=START)
    file = ContributionFileFactory(contribution=published, document=DocumentFactory())
    return START, left(ContributionFile.objects.filter(pk=file.pk))


@example("newsletter.unconfirmed")
def _() -> Example:
    SubscriberFactory(email="ada@example.org", state=Subscriber.State.PENDING, created_at=START)
    return START, left(Subscriber.objects.filter(email="ada@example.org"))


@example("newsletter.left")
def _() -> Example:
    SubscriberFactory(email="ada@example.org", state=Subscriber.State.UNSUBSCRIBED, left_at=START)
    return START, left(Subscriber.objects.filter(email="ada@example.org"))


@example("newsletter.exports")
def _() -> Example:
    ExportLog.objects.create(exported_at=START, count=1, file_format="csv")
    return START, left(ExportLog.objects)


@example("network.exports")
def _() -> Example:
    StructureExport.objects.create(exported_at=START, count=1, file_format="csv")
    return START, left(StructureExport.objects)


def letter() -> Any:
    OutgoingEmail.objects.create(
        address="ada@example.org",
        subject="Objet",
        text="Texte",
        state=OutgoingEmail.State.REFUSED,
        ended_at=START,
    )
    return OutgoingEmail.objects


@example("outbox.texts")
def _() -> Example:
    return START, left(letter().exclude(text=""))


@example("outbox.addresses")
def _() -> Example:
    return START, left(letter().exclude(address=""))


@example("outbox.rows")
def _() -> Example:
    return START, left(letter())


@example("network.imports")
def _() -> Example:
    kept = StructureImport.objects.create(file=ContentFile(b"x", name="a.csv"), name="a.csv")
    return START, lambda: kept.file.storage.exists(kept.file.name)


@example("figures.words")
def _() -> Example:
    words = SearchedWords.objects.create(words="emprise")
    SearchedDay.objects.create(words=words, day=START.date(), total=3)
    return MIDNIGHT, left(SearchedWords.objects.filter(pk=words.pk))


@example("figures.totals")
def _() -> Example:
    row = DailyTotal.objects.create(day=START.date(), counted="page", total=3)
    return MIDNIGHT, left(DailyTotal.objects.filter(pk=row.pk))


# Days end in Paris.
MIDNIGHT = dt.datetime(2026, 3, 2, 23, tzinfo=dt.UTC)


def test_each_term_has_its_example() -> None:
    assert {each.key for each in retentions()} == set(EXAMPLES)


@pytest.mark.parametrize("term", retentions(), ids=lambda term: term.key)
def test_it_is_kept_until_its_end_and_no_longer(term: Retention) -> None:
    def applied(now: dt.datetime) -> int:
        with time_machine.travel(now, tick=False):
            (found,) = [each for each in apply_retention() if each.retention is term]
        assert found.error is None
        return found.count

    with time_machine.travel(START, tick=False):
        since, is_left = EXAMPLES[term.key]()
    assert applied(since + term.keep - MINUTE) == 0
    assert is_left()

    assert applied(since + term.keep + MINUTE) == 1
    assert not is_left()
    assert applied(since + term.keep + MINUTE) == 0, "running it twice is harmless"


def test_one_command_prints_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    with time_machine.travel(START, tick=False):
        SubscriberFactory(state=Subscriber.State.PENDING, created_at=START)
    with time_machine.travel(START + dt.timedelta(days=31), tick=False):
        call_command("apply_retention")

    lines = capsys.readouterr().out.splitlines()
    assert "newsletter.unconfirmed: 1" in lines
    assert len(lines) == len(retentions())


def test_a_term_that_fails_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(before: dt.datetime) -> int:
        raise OSError

    first = retentions()[0]
    others = [Retention(first.key, first.keep, "", "", fail), *retentions()[1:]]
    monkeypatch.setattr(engine, "retentions", lambda: others)
    with time_machine.travel(timezone.now() - dt.timedelta(days=31)):
        SubscriberFactory(state=Subscriber.State.PENDING)

    with pytest.raises(CommandError, match=first.key):
        call_command("apply_retention")

    assert f"{first.key}: FAILED" in capsys.readouterr().out
    assert not Subscriber.objects.exists()


def test_it_runs_by_the_clock() -> None:
    (found,) = [each for each in periodic_commands() if each.name == "apply_retention"]

    assert found.period == dt.timedelta(hours=1)
