"""The agenda as a list and as a calendar: filters, facets and orders."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, cast

from django.conf import settings
from django.db.models import Case, CharField, DateTimeField, Value, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.facets import IsoDate, Slugs, audience_facet, territory_labels, theme_facet
from core.listings import FacetFilter, IndexPageListing, ListFilters, Listing, apply_facets
from core.registry import register_listing
from core.schemas import Link
from core.schemas.languages import Fallback, Locale
from core.search.fulltext import ranked_ids
from core.web.links import request_origin
from events.models import EventIndexPage, EventKind, EventPage, Session
from events.models.sessions import Mode
from events.queries import published_events, upcoming_ids, visible_sessions
from events.schemas import (
    CalendarDay,
    CalendarEntry,
    EventCalendar,
    EventList,
    ModeName,
    format_hour,
    serialize_event_card,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from django.db.models import QuerySet
    from django.http import HttpRequest

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
Month = Annotated[str, Field(pattern=rf"^{MONTH.pattern}$", examples=["2026-12"])]


class CurrentTime(Value):
    """The time at which the query runs, by our clock and not by the database's."""

    def __init__(self) -> None:
        super().__init__(None, output_field=DateTimeField())

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        return "%s", (connection.ops.adapt_datetimefield_value(timezone.now()),)


class EventFilters(ListFilters):
    """What to keep of the agenda: any of the values of one filter, all filters together."""

    when: list[Literal["upcoming", "past"]] = Field(
        ["upcoming"],
        max_length=2,
        description="By default what is to come, unless months or days are asked for.",
    )
    kind: list[EventKind] = Field([], description="Trainings or webinars.")
    theme: Slugs = Field([], description="Slugs of `themes`.", examples=[["reperage"]])
    audience: Slugs = Field([], description="Slugs of `audiences`.", examples=[["ase"]])
    territory: Slugs = Field(
        [],
        description="INSEE codes of where it takes place; a region (R32) includes its "
        "departments; `national` for what is online.",
        examples=[["59"]],
    )
    mode: list[Mode] = Field([], description="On site or online.")
    month: list[Month] = Field([], max_length=24, description="Months that have a session.")
    date_from: IsoDate | None = Field(None, description="First day to keep.")
    date_to: IsoDate | None = Field(None, description="Last day to keep.")
    order: Literal["starts_at", "-starts_at", "title", "-updated_at", "relevance"] | None = Field(
        None, description="By default the next first, the last first for the past."
    )

    @model_validator(mode="after")
    def set_defaults(self) -> Self:
        """Set the period and the order that are not given: all times with a month or a day."""
        if "when" not in self.model_fields_set and (self.month or self.date_from or self.date_to):
            self.when = ["upcoming", "past"]
        if self.order is None and self.when == ["past"] and not self.q.strip():
            self.order = "-starts_at"
        return self


def _labels(choices: Iterable[tuple[str, Any]]) -> Callable[[Iterable[str]], Mapping[str, str]]:
    known = dict(choices)
    return lambda values: {value: str(known.get(value, value)) for value in values}


def month_label(month: str) -> str:
    """Return the name of a month (``2026-12``), or what was given if it is none."""
    if not MONTH.fullmatch(month):
        return month
    return date_format(date.fromisoformat(f"{month}-01"), "F Y")


EVENT_FACETS = (
    FacetFilter(
        "when",
        _("Période"),
        Case(
            When(last_at__gt=CurrentTime(), then=Value("upcoming")),
            default=Value("past"),
            output_field=CharField(),
        ),
        None,
        labels=_labels([("upcoming", _("À venir")), ("past", _("Passés"))]),
    ),
    FacetFilter("kind", _("Format"), "kind", None, labels=_labels(EventKind.choices)),
    theme_facet(),
    audience_facet(),
    FacetFilter(
        "territory",
        _("Territoire"),
        "sessions__area",
        "sessions__department__name",
        multivalued=True,
        parent=("sessions__department__region__code", "sessions__department__region__name"),
        labels=territory_labels,
    ),
    FacetFilter(
        "mode", _("Lieu"), "sessions__mode", None, multivalued=True, labels=_labels(Mode.choices)
    ),
    FacetFilter(
        "month",
        _("Mois"),
        "sessions__month",
        None,
        multivalued=True,
        labels=lambda months: {month: month_label(month) for month in months},
        latest_first=True,
    ),
)


def _apply_date_range(rows: QuerySet[EventPage], filters: EventFilters) -> QuerySet[EventPage]:
    if filters.date_from or filters.date_to:
        sessions = Session.objects.all()
        if filters.date_from:
            sessions = sessions.filter(ends_at__gte=_midnight(filters.date_from))
        if filters.date_to:
            sessions = sessions.filter(starts_at__lt=_midnight(filters.date_to, days=1))
        rows = rows.filter(pk__in=sessions.values("page"))
    return rows


event_listing = Listing(
    schema=EventList,
    filters=EventFilters,
    rows=published_events,
    serialize=serialize_event_card,
    facet_filters=EVENT_FACETS,
    orderings={
        "starts_at": ("next_at", "pk"),
        "-starts_at": ("-last_at", "-pk"),
        "title": ("title", "pk"),
        "-updated_at": ("-last_published_at", "-pk"),
    },
    apply_ranges=_apply_date_range,
)


def filter_events(filters: EventFilters, exclude: tuple[str, ...] = ()) -> QuerySet[EventPage]:
    """Return the events that filters keep, without pagination or order.

    Args:
        filters: which.
        exclude: names of filters to ignore.
    """
    chosen = filters.chosen(EVENT_FACETS)
    for name in exclude:
        chosen[name] = []
    rows = published_events(filters.locale, filters.fallback)
    rows = apply_facets(_apply_date_range(rows, filters), EVENT_FACETS, chosen)
    if filters.q.strip():
        ranked = ranked_ids(EventPage._default_manager.all(), filters.q, filters.languages())
        rows = rows.filter(pk__in=ranked)
    return rows


class CalendarFilters(BaseModel):
    """A month of the agenda, and what to keep of it."""

    model_config = ConfigDict(extra="forbid")

    calendar: Month = Field(description="Which month.")
    kind: list[EventKind] = Field([], description="Trainings or webinars.")
    theme: Slugs = Field([], description="Slugs of `themes`.")
    audience: Slugs = Field([], description="Slugs of `audiences`.")
    territory: Slugs = Field([], description="INSEE codes of where it takes place.")
    mode: list[Mode] = Field([], description="On site or online.")
    locale: Locale = settings.LANGUAGE_CODE
    fallback: Fallback = False


def requested_month(request: HttpRequest) -> str | None:
    """Return the month whose calendar a page's address asks for; this month if it makes none."""
    if "calendar" not in request.GET:
        return None
    asked = request.GET["calendar"]
    return asked if MONTH.fullmatch(asked) else f"{timezone.localdate():%Y-%m}"


def calendar_for_request(request: HttpRequest, locale: str) -> EventCalendar:
    """Return the calendar that the query string of a page asks for, without invalid values."""
    given: dict[str, Any] = {
        "calendar": requested_month(request),
        "locale": locale,
        "fallback": True,
    }
    for name in ("kind", "theme", "audience", "territory", "mode"):
        given[name] = request.GET.getlist(name)
    for name, known in (("kind", EventKind.values), ("mode", Mode.values)):
        given[name] = [value for value in given[name] if value in known]
    for name in ("theme", "audience", "territory"):
        given[name] = [value for value in given[name] if len(value) <= 80][:30]  # noqa: PLR2004
    return build_calendar(CalendarFilters(**given), request_origin(request))


def build_calendar(asked: CalendarFilters, origin: str) -> EventCalendar:
    """Return a month in whole weeks; a constant number of queries."""
    first = date.fromisoformat(f"{asked.calendar}-01")
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    start, end = weeks[0][0], weeks[-1][-1]
    filters = EventFilters(**asked.model_dump(exclude={"calendar"}))
    rows = (
        visible_sessions()
        .filter(
            page__in=filter_events(filters, exclude=("when", "month")).order_by().values("pk"),
            starts_at__lt=_midnight(end, days=1),
            ends_at__gt=_midnight(start),
        )
        .select_related("page__locale")
        .order_by("starts_at", "pk")
    )
    by_day: dict[date, list[CalendarEntry]] = {}
    inside = set()
    for session in rows:
        day, last = timezone.localdate(session.starts_at), timezone.localdate(session.ends_at)
        while day <= last:
            by_day.setdefault(day, []).append(_entry(session, day, asked.locale, origin))
            if day.month == first.month:
                inside.add(session.pk)
            day += timedelta(days=1)
    return EventCalendar(
        month=asked.calendar,
        label=month_label(asked.calendar),
        previous=f"{first - timedelta(days=1):%Y-%m}",
        next=f"{first + timedelta(days=31):%Y-%m}",
        count=len(inside),
        days=[
            CalendarDay(
                day=day,
                label=date_format(day, "l j F"),
                is_in_month=day.month == first.month,
                entries=by_day.get(day, []),
            )
            for week in weeks
            for day in week
        ],
    )


def _entry(session: Session, day: date, locale: str, origin: str) -> CalendarEntry:
    values = {"start": format_hour(session.starts_at), "end": format_hour(session.ends_at)}
    starts = day == timezone.localdate(session.starts_at)
    ends = day == timezone.localdate(session.ends_at)
    if starts and ends:
        hours = gettext("%(start)s à %(end)s") % values
    elif starts:
        hours = gettext("à partir de %(start)s") % values
    else:
        hours = gettext("jusqu'à %(end)s") % values if ends else gettext("toute la journée")
    return CalendarEntry(
        session_id=session.pk,
        title=session.page.title,
        kind_label=session.page.get_kind_display(),
        hours=hours,
        mode=cast("ModeName", session.mode),
        place=session.place,
        is_cancelled=session.is_cancelled,
        locale=session.page.locale.language_code,
        is_fallback=session.page.locale.language_code != locale,
        event=Link.from_model(session.page, origin),
    )


def _midnight(day: date, days: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min))


class AgendaListing(IndexPageListing):
    """The agenda as a list, or as the calendar of the month that its address asks for."""

    def get_context(self, page: EventIndexPage, request: HttpRequest) -> dict[str, Any]:
        if requested_month(request) is None:
            return super().get_context(page, request)
        return {"calendar": calendar_for_request(request, page.locale.language_code)}

    def latest_ids(self, page: EventIndexPage, limit: int) -> list[int]:
        """Return the ids of the next events."""
        return upcoming_ids(page, limit)


register_listing(EventIndexPage, AgendaListing(event_listing))
