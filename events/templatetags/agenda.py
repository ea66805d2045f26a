"""Tags and filters of the agenda's templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from core.templatetags.linked_data import linked_data

if TYPE_CHECKING:
    from core.schemas import FacetedList
    from events.schemas import SessionInfo, TrainingDetail, WebinarDetail

register = template.Library()


@register.filter
def without_facet(results: FacetedList[Any], name: str) -> FacetedList[Any]:
    """Return a list without one of its facets, where it is shown otherwise."""
    facets = [facet for facet in results.facets or [] if facet.name != name]
    return results.model_copy(update={"facets": facets})


@register.filter
def chosen(results: FacetedList[Any], name: str) -> str:
    """Return the values chosen of a filter, joined by a comma."""
    return ",".join(
        value.value
        for facet in results.facets or []
        if facet.name == name
        for value in facet.values
        if value.selected
    )


@register.simple_tag
def agenda_feed(locale: str) -> str:
    """Return the path of the agenda's iCalendar feed in a language, where French may stand in."""
    path = reverse("api_v1:get_feed")
    if locale == settings.LANGUAGE_CODE:
        return path
    return f"{path}?{urlencode({'locale': locale, 'fallback': 'true'})}"


@register.simple_tag
def this_month() -> str:
    """Return the month in Paris, as the calendar's address takes it."""
    return f"{timezone.localdate():%Y-%m}"


@register.simple_tag
def event_data(page: TrainingDetail | WebinarDetail) -> SafeString:
    """Return an event's sessions as schema.org Events, without their join links."""
    return SafeString("\n".join(_session_data(page, session) for session in page.sessions))


def _session_data(page: TrainingDetail | WebinarDetail, session: SessionInfo) -> str:
    is_online = session.mode == "online"
    mode = "OnlineEventAttendanceMode" if is_online else "OfflineEventAttendanceMode"
    status = "EventCancelled" if session.availability == "cancelled" else "EventScheduled"
    if is_online:
        location: dict[str, Any] = {"@type": "VirtualLocation", "url": page.html_url}
    else:
        address = ", ".join(filter(None, (session.address, session.place)))
        location = {"@type": "Place", "name": session.place, "address": address}
    offers = None
    if session.registration_url:
        price = page.price.amount if page.type == "training" else 0
        offers = {
            "@type": "Offer",
            "url": session.registration_url,
            "price": str(price),
            "priceCurrency": "EUR",
            "availability": "https://schema.org/InStock"
            if session.availability == "open"
            else "https://schema.org/LimitedAvailability",
        }
    organiser = page.organiser if page.type == "training" else ""
    people = page.speakers if page.type == "webinar" else []
    return linked_data(
        "EducationEvent",
        name=page.title,
        description=page.summary,
        url=page.html_url,
        image=page.seo.image_url,
        inLanguage=page.locale,
        startDate=session.starts_at.isoformat(),
        endDate=session.ends_at.isoformat(),
        eventAttendanceMode=f"https://schema.org/{mode}",
        eventStatus=f"https://schema.org/{status}",
        location=location,
        organizer={"@type": "Organization", "name": organiser} if organiser else None,
        performer=[{"@type": "Person", "name": person.name} for person in people],
        maximumAttendeeCapacity=session.capacity,
        offers=offers,
    )
