"""iCalendar files, read by another parser than the one that wrote them."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import ics
import pytest
import time_machine
from django.test import Client
from icalendar import Calendar
from wagtail.models import Locale

from events.models import Session
from events.session_sync import cancel_session
from tests.factories import publish
from tests.factories.events import (
    TrainingPageFactory,
    WebinarPageFactory,
    only_session,
    training_date,
)

if TYPE_CHECKING:
    from events.models import EventPage

pytestmark = pytest.mark.django_db

FEED = "/api/v1/events.ics"
PARIS = ZoneInfo("Europe/Paris")


def text(address: str = FEED) -> str:
    response = Client().get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return response.content.decode()


def lines(content: str, name: str) -> list[str]:
    """Return the values of a property, from the file as it is."""
    unfolded = content.replace("\r\n ", "")
    return [
        line.split(":", 1)[1]
        for line in unfolded.splitlines()
        if line.split(":")[0].split(";")[0] == name
    ]


def file_of(page: EventPage) -> str:
    return text(f"/api/v1/events/{page.pk}.ics")


def test_another_parser_reads_what_we_write() -> None:
    page = TrainingPageFactory(
        title="Formation ; à « l'écoute », suite",
        summary="Deux jours.\nPour tous.",
        dates=[training_date(20, address="1 rue de l'Exemple"), training_date(21)],
    )

    events = sorted(ics.Calendar(file_of(page)).events)

    assert [event.name for event in events] == [page.title] * 2
    first = page.sessions.order_by("starts_at").first()
    assert events[0].begin.datetime == first.starts_at
    assert events[0].end.datetime == first.ends_at
    assert events[0].location == "Lille, 1 rue de l'Exemple"
    assert events[0].uid == str(first.uuid)
    assert events[0].status == "CONFIRMED"
    assert page.slug in events[0].url


@pytest.mark.parametrize(
    "day,offset",
    [((2027, 3, 26), 1), ((2027, 3, 29), 2), ((2027, 10, 29), 2), ((2027, 11, 1), 1)],
)
def test_an_hour_stays_the_same_across_a_change_of_clocks(
    day: tuple[int, int, int], offset: int
) -> None:
    start = dt.datetime(*day, 9, 30, tzinfo=PARIS)
    with time_machine.travel(dt.datetime(2027, 1, 5, tzinfo=dt.UTC)):
        page = TrainingPageFactory(dates=[training_date(starts_at=start)])
        content = file_of(page)

    (event,) = ics.Calendar(content).events
    assert event.begin.datetime == start
    assert event.begin.datetime.utcoffset() == dt.timedelta(hours=offset)
    assert "DTSTART;TZID=Europe/Paris:" in content
    assert lines(content, "DTSTART")[-1].endswith("T093000")


def test_the_zone_is_described_for_those_who_do_not_know_it() -> None:
    WebinarPageFactory()

    calendar = Calendar.from_ical(text())

    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Paris"
    offsets = {part["TZOFFSETTO"].to_ical() for part in zone.walk() if "TZOFFSETTO" in part}
    assert offsets >= {"+0100", "+0200"}
    # The description must say the same as the real zone, by itself.
    rules = zone.to_tz()
    for month in range(1, 13):
        noon = dt.datetime(2027, month, 15, 12)
        assert noon.replace(tzinfo=rules).utcoffset() == noon.replace(tzinfo=PARIS).utcoffset()


def test_the_identity_stays_and_the_revision_rises_with_each_change() -> None:
    page = WebinarPageFactory()
    before = file_of(page)

    publish(page)
    assert file_of(page) == before

    page.starts_at += dt.timedelta(minutes=30)
    publish(page)
    moved = file_of(page)
    assert lines(moved, "UID") == lines(before, "UID")
    assert (lines(before, "SEQUENCE"), lines(moved, "SEQUENCE")) == (["0"], ["1"])

    page.title = "Un autre titre"
    publish(page)
    assert lines(file_of(page), "SEQUENCE") == ["2"]


def test_a_cancelled_session_stays_in_the_feed_as_cancelled() -> None:
    page = WebinarPageFactory()
    sequence = only_session(page).sequence

    cancel_session(only_session(page).pk)

    content = text()
    (event,) = ics.Calendar(content).events
    assert event.status == "CANCELLED"
    assert lines(content, "SEQUENCE") == [str(sequence + 1)]


def test_what_nobody_is_told_of_changes_no_revision() -> None:
    page = WebinarPageFactory(capacity=10)

    page.capacity = 20
    page.join_url = "https://visio.example.org/autre"
    publish(page)

    assert Session.objects.get().sequence == 0


def test_the_feed_takes_filters() -> None:
    WebinarPageFactory(title="Webinaire témoin")
    TrainingPageFactory(title="Formation témoin")

    names = {event.name for event in ics.Calendar(text(f"{FEED}?kind=webinar")).events}

    assert names == {"Webinaire témoin"}
    assert Client().get(f"{FEED}?kind=party").status_code == 422
    assert Client().get(f"{FEED}?unknown=1").status_code == 422


def test_the_feed_keeps_last_month_and_costs_the_same_for_many(count_queries: object) -> None:
    past = WebinarPageFactory(days=-30)
    old = WebinarPageFactory(days=-400)

    names = {event.name for event in ics.Calendar(text()).events}
    assert past.title in names
    assert old.title not in names

    few = count_queries(text)  # type: ignore[operator]
    for _each in range(5):
        WebinarPageFactory()
    assert count_queries(text) == few  # type: ignore[operator]


def test_lines_are_no_longer_than_calendars_take() -> None:
    TrainingPageFactory(title="É" * 120, summary="ç" * 400)

    assert max(len(line) for line in text().encode().split(b"\r\n")) <= 75


def test_an_event_and_the_agenda_are_in_the_language_of_their_page(client: Client) -> None:
    english = Locale.objects.create(language_code="en")
    page = WebinarPageFactory(title="Repérer")
    home, index = page.get_ancestors().filter(depth__gt=1).specific()
    for source in (home, index, page):
        copy = source.copy_for_translation(english)
        copy.title = f"{copy.title} (en)"
        publish(copy)

    content = file_of(copy)
    shown = client.get(copy.get_parent().url).content.decode()
    address = html.unescape(re.search(r'href="(/api/v1/events\.ics[^"]*)"', shown)[1])

    assert "CATEGORIES:Webinar\r\n" in content
    assert "LOCATION:Online\r\n" in content
    assert "LOCATION:En ligne\r\n" in file_of(page)
    assert {event.name for event in ics.Calendar(text(address)).events} == {"Repérer (en)"}
    assert {event.name for event in ics.Calendar(text()).events} == {"Repérer"}
