"""iCalendar (RFC 5545): what phones and calendars subscribe to. Never the join link of a session.

The one exception is the file attached to the e-mail of somebody who is confirmed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from icalendar import Calendar, Event

from core.web.links import build_absolute_url
from events.models.sessions import Mode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.models import Session

CONTENT_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Projet PARÉ//Agenda//FR"


def write_calendar(
    sessions: Iterable[Session], origin: str, name: str = "", join_url: str = ""
) -> bytes:
    """Return an iCalendar file, the same bytes for as long as nothing has changed.

    Times are those of Paris by name, with the rules of its zone: a session
    keeps its hour across a change of clocks.

    Args:
        sessions: with their pages and the items of these.
        origin: what addresses start with.
        name: of the calendar, for those who subscribe.
        join_url: where to join, only for somebody who may know.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("x-wr-timezone", settings.TIME_ZONE)
        calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for session in sessions:
        calendar.add_component(_event(session, origin, join_url))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(session: Session, origin: str, join_url: str) -> Event:
    item = getattr(session.page, "published_item", None)
    url = build_absolute_url(item.path, origin) if item else ""
    event = Event()
    # A UUID is unique anywhere (RFC 7986, 5.3), and ours never changes.
    event.add("uid", str(session.uuid))
    event.add("sequence", session.sequence)
    event.add("dtstamp", session.changed_at)
    event.add("last-modified", session.changed_at)
    event.add("dtstart", timezone.localtime(session.starts_at))
    event.add("dtend", timezone.localtime(session.ends_at))
    event.add("summary", session.title)
    event.add("status", "CANCELLED" if session.is_cancelled else "CONFIRMED")
    event.add("description", "\n\n".join(filter(None, (session.summary, join_url, url))))
    if location := join_url or location_of(session):
        event.add("location", location)
    # Withdrawn, it has no address any more.
    if url:
        event.add("url", url)
    event.add("categories", [session.page.get_kind_display()])
    return event


def location_of(session: Session) -> str:
    """Return where a session takes place, in one line."""
    if session.mode == Mode.ONLINE:
        return str(Mode.ONLINE.label)
    return ", ".join(filter(None, (session.place, session.address)))


def calendar_response(content: bytes, filename: str) -> HttpResponse:
    """Return an iCalendar file as a response."""
    response = HttpResponse(content, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response
