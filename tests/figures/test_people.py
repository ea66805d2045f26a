"""Contributions, subscribers, sessions, and the report of a year, with what was erased since."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from openpyxl import load_workbook

from contributions.models import ContributionState
from core.models import Territory
from core.privacy.retention import apply_retention
from events.tasks import purge_registrations
from figures.annual import annual_report
from figures.models import DailyTotal, ErasedTotal
from figures.people import attendance_in, contribution_steps, median_delay, subscriber_steps
from figures.periods import Period, year_period
from tests.factories import NewsPageFactory, ResourcePageFactory
from tests.factories.contributions import ContributionFactory, member
from tests.factories.events import RegistrationFactory, TrainingPageFactory, only_session
from tests.factories.network import StructureFactory
from tests.factories.newsletter import SubscriberFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

YEAR = year_period(2026)
TODAY = dt.datetime(2026, 11, 28, 12, tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(TODAY, tick=False):
        yield


def on(month: int, day: int, year: int = 2026, hour: int = 12) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=ZoneInfo("Europe/Paris"))


def contributed(
    state: ContributionState, received: dt.datetime, closed: dt.datetime | None = None
) -> None:
    ContributionFactory(state=state, received_at=received, closed_at=closed)


def contributions() -> dict[str, tuple[Any, ...]]:
    """Return the months of the year in which something happened."""
    steps = {
        step.label: (step.received, step.published, step.refused, step.withdrawn, step.delay)
        for step in contribution_steps(YEAR)
    }
    return {label: row for label, row in steps.items() if any(row)}


def test_contributions_are_counted_in_their_months() -> None:
    contributed(ContributionState.PUBLISHED, on(1, 31, hour=23), on(3, 2, hour=23))
    contributed(ContributionState.PUBLISHED, on(3, 1), on(3, 11))
    contributed(ContributionState.ACCEPTED, on(3, 1), on(3, 3))
    contributed(ContributionState.REJECTED, on(3, 5), on(4, 1))
    contributed(ContributionState.WITHDRAWN, on(12, 31, 2025), on(4, 2))
    contributed(ContributionState.IN_REVIEW, on(11, 1))
    contributed(ContributionState.DRAFT, on(11, 1))

    assert contributions() == {
        "janvier 2026": (1, 0, 0, 0, None),
        "mars 2026": (3, 3, 0, 0, 10),
        "avril 2026": (0, 0, 1, 1, None),
        "novembre 2026": (1, 0, 0, 0, None),
    }
    assert median_delay(YEAR) == 10


def test_contributions_that_are_erased_stay_counted() -> None:
    contributed(ContributionState.REJECTED, on(3, 5), on(4, 1))
    contributed(ContributionState.WITHDRAWN, on(3, 6), on(3, 7))
    contributed(ContributionState.DRAFT, on(3, 6))
    before = contributions()

    applied = apply_retention(on(6, 30, 2027))
    deleted = ("contributions.refused", "contributions.drafts")
    assert sum(each.count for each in applied if each.retention.key in deleted) == 3

    assert contributions() == before


def test_sessions_that_were_held_and_who_came_stay_counted() -> None:
    training = TrainingPageFactory(title="Repérer")
    session = only_session(training)
    for state, has_attended in (("confirmed", True), ("confirmed", False), ("cancelled", False)):
        RegistrationFactory(session=session, state=state, has_attended=has_attended)
    type(session).objects.filter(pk=session.pk).update(starts_at=on(2, 3), ends_at=on(2, 4))
    other = only_session(TrainingPageFactory(title="À venir"))
    type(other).objects.filter(pk=other.pk).update(starts_at=on(12, 3), ends_at=on(12, 4))
    before = attendance_in(YEAR, "fr")
    assert (before.sessions, before.registered, before.attended) == (1, 2, 1)

    with time_machine.travel(on(3, 1, 2027), tick=False):
        purge_registrations.call()
        assert not session.registrations.exists()

        assert attendance_in(YEAR, "fr").attended == 1
        assert attendance_in(YEAR, "fr").registered == 2
        assert {row.day for row in ErasedTotal.objects.all()} == {dt.date(2026, 2, 3)}


def test_the_newsletter_grows_by_its_dates() -> None:
    for confirmed, left in (
        (on(12, 1, 2025), None),
        (on(1, 10), on(2, 3)),
        (on(2, 1, hour=0), None),
        (None, None),
    ):
        SubscriberFactory(
            confirmed_at=confirmed,
            left_at=left,
            state="unsubscribed" if left else "active" if confirmed else "pending",
        )

    steps = subscriber_steps(Period(dt.date(2026, 1, 1), dt.date(2026, 4, 30)))

    assert [(step.new, step.left, step.total) for step in steps] == [
        *((1, 0, 2), (1, 1, 2), (0, 0, 2), (0, 0, 2))
    ]


@pytest.fixture
def client(reviewer: User) -> Client:
    client = Client()
    client.force_login(reviewer)
    return client


def values(year: int = 2026) -> dict[str, Any]:
    return {fact.label: fact.value for fact in annual_report(year)}


def test_the_report_of_a_year_has_what_the_funder_asks_for(client: Client) -> None:
    ResourcePageFactory(first_published_at=on(5, 1, 2024))
    ResourcePageFactory(first_published_at=on(5, 1))
    NewsPageFactory(first_published_at=on(5, 1))
    for code in ("59", "59", "2A"):
        StructureFactory(department=Territory.objects.get(code=code, kind="department"))
    StructureFactory(live=False)
    SubscriberFactory(state="active", confirmed_at=on(1, 2))
    contributed(ContributionState.PUBLISHED, on(3, 1), on(3, 11))
    DailyTotal.objects.create(day=on(6, 1).date(), counted="page", thing_id=1, total=1234)
    DailyTotal.objects.create(day=on(6, 1, 2025).date(), counted="page", thing_id=1, total=5)

    found = values()

    assert found["Ressources mises en ligne dans l'année"] == 1
    assert found["Ressources en ligne à ce jour"] == 2
    assert found["Actualités en ligne à ce jour"] == 1
    assert found["Pages lues"] == 1234
    assert found["Abonné·es à la fin de l'année, ou à ce jour"] == 1
    assert found["Publiées ou acceptées"] == 1
    assert found["Délai médian jusqu'à la publication, en jours"] == 10
    assert (found["Nord (59)"], found["Corse-du-Sud (2A)"], found["Ensemble"]) == (2, 1, 3)
    assert values(2025)["Pages lues"] == 5

    page = client.get("/admin/chiffres/rapport-annuel/", {"annee": "2026"})
    book = client.get("/admin/chiffres/rapport-annuel/", {"annee": "2026", "export": "xlsx"})

    assert "Nord (59)" in page.content.decode()
    rows = [*load_workbook(BytesIO(book.getvalue())).active.iter_rows(values_only=True)]
    assert rows[0] == ("Rubrique", "Indicateur", "Nombre")
    assert ("Fréquentation du site", "Pages lues", 1234) in rows


@pytest.mark.parametrize("year", ["", "x", "1999", "2026"])
def test_any_year_that_is_asked_for_is_answered(client: Client, year: str) -> None:
    page = client.get("/admin/chiffres/rapport-annuel/", {"annee": year})

    assert page.context["year"] == 2026


def test_the_number_of_queries_depends_on_nothing_that_is_counted(
    client: Client, count_queries: Callable[..., int]
) -> None:
    def add(number: int) -> None:
        session = only_session(TrainingPageFactory())
        for _ in range(number):
            contributed(ContributionState.PUBLISHED, on(3, 1), on(3, 11))
            StructureFactory()
            SubscriberFactory(state="active", confirmed_at=on(1, 2))
            RegistrationFactory(session=session, has_attended=True)

    def cost() -> list[int]:
        return [
            count_queries(lambda end=end: client.get(f"/admin/chiffres/{end}"))
            for end in ("contributions/", "lettre/", "rapport-annuel/")
        ]

    add(1)
    cost()
    before = cost()
    add(4)

    assert cost() == before


def test_who_may_not_open_a_list_is_not_led_to_it(client: Client) -> None:
    assert "/admin/lettre/abonnes/" not in client.get("/admin/chiffres/lettre/").content.decode()
    assert "/admin/contributions/" in client.get("/admin/chiffres/contributions/").content.decode()

    client.force_login(member("Coordination"))

    assert "/admin/lettre/abonnes/" in client.get("/admin/chiffres/lettre/").content.decode()


def test_the_first_of_a_month_is_written_as_people_do(director: User) -> None:
    client = Client()

    with time_machine.travel(TODAY.replace(month=12, day=1), tick=False):
        client.force_login(director)
        shown = client.get("/admin/chiffres/rapport-annuel/").content.decode()

    assert "Chiffres arrêtés au 1er décembre 2026." in shown
    assert (
        str(Period(dt.date(2026, 3, 1), dt.date(2026, 4, 1)))
        == "du 1er mars 2026 au 1er avril 2026"
    )
