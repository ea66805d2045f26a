"""`events/`, `events.ics` and registrations."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from ninja import Body, Query, Router
from ninja.decorators import decorate_view
from ninja.errors import Throttled
from pydantic import BaseModel, ConfigDict, Field

from core.api.errors import PROBLEMS, FieldError, Problem, form_problem, problem
from core.api.reading import json_response, public_read
from core.schemas import Pagination
from core.schemas.languages import Fallback, Locale
from core.throttling import Rate, allow_request
from core.web.links import canonical_url, request_origin
from events.calendars import calendar_response, write_calendar
from events.forms import RegistrationForm
from events.listings import CalendarFilters, EventFilters, build_calendar, event_listing
from events.models import EventKind, Registration, Session
from events.models.sessions import Mode
from events.queries import EVENT_KINDS, sessions_of, visible_sessions
from events.registrations import RegistrationRefused, request_registration
from events.schemas import (
    AnyEventDetail,
    EventCalendar,
    EventList,
    RegistrationIn,
    RegistrationReceipt,
    availability_label,
)
from published.facets import Audiences, Territories, Themes
from published.queries import items
from published.reading import detail_or_404

events = Router(tags=["events"])
calendars = Router(tags=["events"])

FEED_HISTORY = timedelta(days=365)
MAX_FEED_SESSIONS = 500
REGISTRATION_RATE = Rate(limit=20, seconds=3600)

ICALENDAR: dict[str, Any] = {
    "responses": {
        200: {
            "description": "An iCalendar file (RFC 5545).",
            "content": {"text/calendar": {"schema": {"type": "string"}}},
        }
    }
}


class FeedFilters(BaseModel):
    """What to subscribe to."""

    model_config = ConfigDict(extra="forbid")

    kind: list[EventKind] = Field([], description="Trainings or webinars.")
    theme: Themes = Field([], description="Slugs of `themes`.")
    audience: Audiences = Field([], description="Slugs of `audiences`.")
    territory: Territories = Field([], description="INSEE codes of where it takes place.")
    mode: list[Mode] = Field([], description="On site or online.")
    locale: Locale = settings.LANGUAGE_CODE
    fallback: Fallback = False


@events.get(
    "/",
    operation_id="listEvents",
    response={200: EventList, **PROBLEMS},
    summary="List trainings and webinars",
)
@decorate_view(public_read)
def list_events(
    request: HttpRequest, filters: Query[EventFilters], pagination: Query[Pagination]
) -> HttpResponse:
    """Visible trainings and webinars, by default those to come, the next first."""
    return json_response(
        event_listing(filters, pagination, request_origin(request), canonical_url(request))
    )


@events.get(
    "/calendar/",
    operation_id="getEventCalendar",
    response={200: EventCalendar, **PROBLEMS},
    summary="Get a month of the agenda",
)
@decorate_view(public_read)
def get_calendar(request: HttpRequest, filters: Query[CalendarFilters]) -> HttpResponse:
    """The sessions of a month, day by day, in whole weeks from Monday."""
    return json_response(build_calendar(filters, request_origin(request)))


@events.get(
    "/{int:event_id}/",
    operation_id="getEvent",
    response={200: AnyEventDetail, **PROBLEMS},
    summary="Get a training or a webinar",
)
@decorate_view(public_read)
def get_event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One training or webinar, with its sessions. Its join link is only for those registered."""
    return json_response(detail_or_404(request, event_id, *EVENT_KINDS))


@events.post(
    "/{int:event_id}/registrations/",
    operation_id="createRegistration",
    response={202: RegistrationReceipt, 409: Problem, 429: Problem, **PROBLEMS},
    summary="Ask to attend a session",
)
def post_registration(
    request: HttpRequest, event_id: int, asked: Body[RegistrationIn]
) -> HttpResponse:
    """Ask for a seat, under the rules of the website's form.

    The address gets a link by which to confirm. The answer is the same
    whether or not it is registered already. 409 means that nobody can register.
    """
    if not allow_request(request, "registration", *REGISTRATION_RATE):
        raise Throttled(wait=REGISTRATION_RATE.seconds)
    event = get_object_or_404(items(*EVENT_KINDS), page=event_id)
    session = _find_session(Session.objects.filter(page=event.page_id), asked.session)
    if session is None:
        error = FieldError(
            location=["body", "session"], message="Not a session of this event.", code="invalid"
        )
        return problem(request, 422, "The request is not valid.", [error])
    form = RegistrationForm(asked.model_dump(exclude={"session", "locale"}))
    with override(asked.locale):
        if not form.is_valid():
            return form_problem(request, form)
        try:
            request_registration(
                session.pk,
                form.registration_request(),
                request_origin(request),
                Registration.Way.API,
            )
        except RegistrationRefused as refused:
            return problem(request, 409, availability_label(refused.availability))
        receipt = RegistrationReceipt(
            detail=_(
                "Un e-mail part à cette adresse, avec la suite à donner : il arrive d'ordinaire "
                "en quelques minutes."
            )
        )
    response = json_response(receipt, status=202)
    response["Cache-Control"] = "no-store"
    return response


def _find_session(sessions: QuerySet[Session], number: int | None) -> Session | None:
    if number is not None:
        return sessions.filter(pk=number).first()
    only = list(sessions[:2])
    return only[0] if len(only) == 1 else None


@calendars.get(
    "/events.ics",
    operation_id="exportEventsAsICalendar",
    response={**PROBLEMS},
    openapi_extra=ICALENDAR,
    summary="Subscribe to the agenda",
)
@decorate_view(public_read)
def get_feed(request: HttpRequest, filters: Query[FeedFilters]) -> HttpResponse:
    """The sessions of the past year and to come, as a calendar to subscribe to."""
    asked = EventFilters(**filters.model_dump())
    _every, kept, _ranked = event_listing.kept(asked, exclude=("when",))
    sessions = sessions_of(kept).filter(ends_at__gt=timezone.now() - FEED_HISTORY)
    content = write_calendar(
        sessions[:MAX_FEED_SESSIONS], request_origin(request), name=_("Agenda du Projet PARÉ")
    )
    return calendar_response(content, "agenda-pare.ics")


@calendars.get(
    "/events/{int:event_id}.ics",
    operation_id="exportEventAsICalendar",
    response={**PROBLEMS},
    openapi_extra=ICALENDAR,
    summary="Get an event's iCalendar file",
)
@decorate_view(public_read)
def get_event_calendar(request: HttpRequest, event_id: int) -> HttpResponse:
    """Every session of one training or webinar."""
    sessions = list(visible_sessions().filter(page=event_id))
    if not sessions:
        raise Http404
    event = sessions[0].page.published_item
    with override(event.language):
        content = write_calendar(sessions, request_origin(request))
    return calendar_response(content, f"{event.slug}.ics")
