"""The stack that the tests of a module share, and the table of what was measured."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.urls import reverse

from scripts.postgresql import Unusable, own_cluster
from tests.faults.ledger import check_files, check_letters, settle
from tests.faults.sink import Mode, Sink
from tests.faults.stack import Stack, connected, fill
from tests.faults.traffic import Visitors
from tests.redis import redis_server

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

WHOLE = bool(os.environ.get("PARE_FAULTS"))
SEATS = 1000
PEOPLE = 30
FIGURES = "figures of a fault"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the long ones out, unless they are asked for."""
    for item in items:
        if item.get_closest_marker("long_faults") and not WHOLE:
            item.add_marker(pytest.mark.skip(reason="takes minutes: make test-faults"))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was measured."""
    rows = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == FIGURES and getattr(report, "when", "") == "teardown"
    ]
    if rows:
        terminalreporter.section("faults")
        for row in rows:
            terminalreporter.write_line(row)


@pytest.fixture(scope="module")
def stack(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """The site with some pages, an event, an issue of the newsletter and its readers."""
    with ExitStack() as everything:
        try:
            cluster = everything.enter_context(own_cluster(keeps_commits=True))
        except Unusable as reason:
            pytest.skip(f"needs a PostgreSQL of its own: {reason}")
        everything.enter_context(django_db_blocker.unblock())
        redis = everything.enter_context(redis_server())
        sink = everything.enter_context(Sink())
        stack = Stack(tmp_path_factory.mktemp("stack"), cluster, redis, sink)
        fill(cluster)
        everything.callback(stack.end)
        everything.enter_context(connected(stack))
        build_site()
        stack.start_web()
        yield stack


def build_site() -> None:
    """Make what visitors read, and the readers of a newsletter."""
    from newsletter.models import Subscriber
    from tests.factories import NewsPageFactory, ResourcePageFactory
    from tests.factories.contributions import member
    from tests.factories.events import TrainingPageFactory, training_date

    for _number in range(4):
        NewsPageFactory()
        ResourcePageFactory()
    TrainingPageFactory(dates=[training_date(capacity=SEATS)])
    member("Coordination", "coordinatrice")
    Subscriber.objects.bulk_create(
        Subscriber(email=f"abonne-{number}@example.org", state="active") for number in range(PEOPLE)
    )


def public_paths() -> list[str]:
    """Return pages, lists of the API, feeds and forms."""
    from events.models import TrainingPage
    from resources.models import NewsPage, ResourcePage

    pages = [*NewsPage.objects.live(), *ResourcePage.objects.live(), *TrainingPage.objects.live()]
    names = ("search", "sitemap", "robots", "resource-feed", "newsletter:subscribe")
    api = ("list_resources", "list_events", "get_site", "list_newsletters")
    return [
        "/",
        *(page.url for page in pages),
        *map(reverse, names),
        *(reverse(f"api_v1:{name}") for name in api),
        f"{reverse('search')}?q=formation",
    ]


@pytest.fixture
def visitors(stack: Stack) -> Visitors:
    """People who come during one test."""
    from events.models import TrainingPage

    first = TrainingPage.objects.order_by("pk").first()
    assert first
    return Visitors(stack, first.pk, public_paths())


@dataclass
class Measured:
    """What came of a fault, in one line."""

    name: str
    parts: dict[str, object] = field(default_factory=dict)

    def note(self, **parts: object) -> None:
        """Add figures."""
        self.parts |= parts

    def __str__(self) -> str:
        return f"{self.name}: " + "; ".join(f"{key}: {value}" for key, value in self.parts.items())


@pytest.fixture
def measured(
    stack: Stack, visitors: Visitors, request: pytest.FixtureRequest
) -> Iterator[Measured]:
    """What came of a fault. At the end all that is owed must have been done.

    A worker is at work at the start, and whatever a test changed of the stack is as before.
    """
    stack.sink.mode = Mode.ACCEPT
    if not stack.workers:
        stack.start_worker()
    found = Measured(request.node.name)
    try:
        yield found
        connection.close()  # It may have been lost.
        if not stack.workers:
            stack.start_worker()
        found.note(settled=f"{settle():.1f} s")
        letters: Counter[str] = check_letters(stack, visitors)
        check_files(stack)
    except BaseException:
        print(stack.log_text()[-8_000:])
        raise
    found.note(
        answers=visitors.counts(),
        failed=len(visitors.failures()),
        slowest=f"{visitors.slowest():.1f} s",
        letters=dict(letters),
    )
    request.node.user_properties.append((FIGURES, str(found)))
