"""The agenda as a list and as a calendar: filters, facets and orders."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, cast

from django.conf import settings
from django.db.models import Case, CharField, Count, Q, Value, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, model_validator

from core.registry import register_listing
from core.schemas import Link
from core.schemas.languages import Fallback, Locale
from core.web.links import request_origin
from events.models import EventIndexPage, EventKind, Session
from events.models.sessions import Mode
from events.queries import EVENT_KINDS, event_items, sessions_of
from events.schemas import (
    CalendarDay,
    CalendarEntry,
    EventCalendar,
    EventList,
    ModeName,
    format_hour,
)
from published.facets import (
    Audiences,
    IsoDate,
    Territories,
    Themes,
    audience_facet,
    choice_labels,
    territory_facet,
    theme_facet,
)
from published.listings import (
    FacetFilter,
    IndexPageListing,
    ListFilters,
    Listing,
    parse_query_leniently,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from published.models import Item

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
Month = Annotated[str, Field(pattern=rf"^{MONTH.pattern}$", examples=["2026-12"])]


class EventFilters(ListFilters):
    """What to keep of the agenda: any of the values of one filter, all filters together."""

    when: list[Literal["upcoming", "past"]] = Field(
        ["upcoming"],
        max_length=2,
        description="By default what is to come, unless months or days are asked for.",
    )
    kind: list[EventKind] = Field([], description="Trainings or webinars.")
    theme: Themes = Field([], description="Slugs of `themes`.", examples=[["reperage"]])
    audience: Audiences = Field([], description="Slugs of `audiences`.", examples=[["ase"]])
    territory: Territories = Field(
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


def month_label(month: str) -> str:
    """Return the name of a month (``2026-12``), or what was given if it is none."""
    if not MONTH.fullmatch(month):
        return month
    return date_format(date.fromisoformat(f"{month}-01"), "F Y")


class PeriodFilter(FacetFilter):
    """The filter by what is to come and what is past, at the moment of reading."""

    def keep(self, rows: QuerySet[Item], chosen: Sequence[str]) -> QuerySet[Item]:
        """Filter the events of any of the chosen periods."""
        return rows.alias(period=_period()).filter(period__in=chosen)

    def counts(self, rows: QuerySet[Item]) -> QuerySet[Any, tuple[str, str, int]]:
        """Return rows of (filter, period, count)."""
        name = Value(self.name, output_field=CharField())
        periods = rows.order_by().annotate(filter_name=name, period=_period())
        return periods.values_list("filter_name", "period").annotate(found=Count("pk"))


def _period() -> Case:
    is_coming = Q(ends_at__gt=timezone.now())
    return Case(
        When(is_coming, then=Value("upcoming")),
        default=Value("past"),
        output_field=CharField(),
    )


EVENT_FACETS = (
    PeriodFilter(
        "when",
        _("Période"),
        labels=choice_labels([("upcoming", _("À venir")), ("past", _("Passés"))]),
    ),
    FacetFilter("kind", _("Format"), labels=choice_labels(EventKind.choices)),
    theme_facet(),
    audience_facet(),
    territory_facet(),
    FacetFilter("mode", _("Lieu"), labels=choice_labels(Mode.choices)),
    FacetFilter(
        "month",
        _("Mois"),
        labels=lambda months: {month: month_label(month) for month in months},
        latest_first=True,
    ),
)


def _apply_date_range(rows: QuerySet[Item], filters: EventFilters) -> QuerySet[Item]:
    if filters.date_from or filters.date_to:
        sessions = Session.objects.all()
        if filters.date_from:
            sessions = sessions.filter(ends_at__gte=_midnight(filters.date_from))
        if filters.date_to:
            sessions = sessions.filter(starts_at__lt=_midnight(filters.date_to, days=1))
        rows = rows.filter(page__in=sessions.values("page"))
    return rows


event_listing = Listing(
    schema=EventList,
    filters=EventFilters,
    kinds=EVENT_KINDS,
    rows=event_items,
    facet_filters=EVENT_FACETS,
    orderings={
        "starts_at": ("next_at", "thing_id"),
        "-starts_at": ("-ends_at", "-thing_id"),
        "title": ("title", "thing_id"),
        "-updated_at": ("-updated_at", "-thing_id"),
    },
    apply_ranges=_apply_date_range,
)


class CalendarFilters(BaseModel):
    """A month of the agenda, and what to keep of it."""

    model_config = ConfigDict(extra="forbid")

    calendar: Month = Field(description="Which month.")
    kind: list[EventKind] = Field([], description="Trainings or webinars.")
    theme: Themes = Field([], description="Slugs of `themes`.")
    audience: Audiences = Field([], description="Slugs of `audiences`.")
    territory: Territories = Field([], description="INSEE codes of where it takes place.")
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
    asked = parse_query_leniently(
        CalendarFilters,
        request.GET,
        calendar=requested_month(request),
        locale=locale,
        fallback=True,
    )
    return build_calendar(asked, request_origin(request))


def build_calendar(asked: CalendarFilters, origin: str) -> EventCalendar:
    """Return a month in whole weeks; a constant number of queries."""
    first = date.fromisoformat(f"{asked.calendar}-01")
    weeks = calendar.Calendar().monthdatescalendar(first.year, first.month)
    start, end = weeks[0][0], weeks[-1][-1]
    filters = EventFilters(**asked.model_dump(exclude={"calendar"}))
    _every, events, _ranked = event_listing.kept(filters, exclude=("when", "month"))
    rows = sessions_of(events).filter(
        starts_at__lt=_midnight(end, days=1), ends_at__gt=_midnight(start)
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
    event = session.page.published_item
    return CalendarEntry(
        session_id=session.pk,
        title=session.title,
        kind_label=session.page.get_kind_display(),
        hours=hours,
        mode=cast("ModeName", session.mode),
        place=session.place,
        is_cancelled=session.is_cancelled,
        locale=event.language,
        is_fallback=event.language != locale,
        event=Link.to(session.title, event.path, origin),
    )


def _midnight(day: date, days: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min))


class AgendaListing(IndexPageListing):
    """The agenda as a list, or as the calendar of the month that its address asks for."""

    def get_context(self, page: EventIndexPage, request: HttpRequest) -> dict[str, Any]:
        if requested_month(request) is None:
            return super().get_context(page, request)
        return {"calendar": calendar_for_request(request, page.locale.language_code)}

    def latest_ids(self, path: str, language: str, limit: int) -> list[int]:
        """Return the ids of the next events."""
        rows = self.listing.all(language).filter(path__startswith=path, ends_at__gt=timezone.now())
        return list(rows.values_list("thing_id", flat=True)[:limit])


register_listing(EventIndexPage, AgendaListing(event_listing))
