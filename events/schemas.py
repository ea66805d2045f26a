"""Schemas of trainings and webinars. The join link of a session is never in here."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from pydantic import Field

from core.languages.times import NBSP, format_time
from core.registry import register_schema
from core.richtext import render_rich_text
from core.schemas import (
    CARD_SPECS,
    FULL_SPECS,
    Block,
    Card,
    FacetedList,
    File,
    Html,
    IndexDetail,
    Link,
    PageDetail,
    Picture,
    Schema,
    Term,
    TerritoryTerm,
    serialize_body,
)
from core.schemas.languages import WrittenLocale
from core.web.links import build_absolute_url, localized_path
from events.models import EventIndexPage, EventPage, Session, TrainingPage, WebinarPage

if TYPE_CHECKING:
    from collections.abc import Iterable


ModeName = Literal["onsite", "online"]
AvailabilityName = Literal[
    "open", "waiting", "full", "closed", "cancelled", "past", "external", "none"
]


def format_hour(moment: datetime) -> str:
    """Return an hour in Paris as the active language writes it."""
    local = timezone.localtime(moment)
    return format_time(local.hour, local.minute)


def format_when(starts_at: datetime, ends_at: datetime) -> str:
    """Return when a session takes place as people write it, in Paris time."""
    start, end = timezone.localtime(starts_at), timezone.localtime(ends_at)
    values = {
        "day": date_format(start, "l j F Y"),
        "start": format_hour(start),
        "last_day": date_format(end, "l j F Y"),
        "end": format_hour(end),
    }
    if start.date() == end.date():
        return _("%(day)s, de %(start)s à %(end)s") % values
    return _("du %(day)s à %(start)s au %(last_day)s à %(end)s") % values


def availability_label(name: str) -> str:
    """Return the label of an availability."""
    return {
        "open": _("Inscriptions ouvertes"),
        "waiting": _("Complet, liste d'attente ouverte"),
        "full": _("Complet"),
        "closed": _("Inscriptions closes"),
        "cancelled": _("Annulé"),
        "past": _("Terminé"),
        "external": _("Inscription sur un autre site"),
        "none": _("Sans inscription"),
    }[name]


class SessionInfo(Schema):
    """A moment that one can attend. A webinar has one, a training one or several."""

    id: int = Field(description="What a registration names.", examples=[7])
    starts_at: datetime = Field(description="With the offset of Paris at that time.")
    ends_at: datetime
    when: str = Field(examples=["lundi 7 décembre 2026, de 14 h à 15 h 30"])
    mode: ModeName
    place: str
    address: str
    department: TerritoryTerm | None
    capacity: int | None = Field(description="null: no limit.")
    availability: AvailabilityName = Field(description="Whether one can register, and how.")
    availability_label: str = Field(examples=["Inscriptions ouvertes"])
    registration_url: str = Field(description="Where to register; empty if one can't.")

    @classmethod
    def from_model(cls, session: Session, event: EventPage, origin: str) -> Self:
        """Return a session of an event, loaded ``with_seats_taken()``."""
        availability = session.availability(event.registration_mode)
        url, label = "", availability_label(availability)
        if availability == "external" and event.takes_registrations_elsewhere:
            locale = event.locale.language_code
            path = localized_path("events:to-original", locale, event.translation_key, session.key)
            url, label = build_absolute_url(path, origin), _("Inscriptions en français")
        elif availability == "external":
            url = event.external_registration_url
        elif availability in {"open", "waiting"} and session.pk:
            path = localized_path("events:register", settings.LANGUAGE_CODE, session.uuid)
            url = build_absolute_url(path, origin)
        return cls.construct_trusted(
            id=session.pk or 0,
            starts_at=timezone.localtime(session.starts_at),
            ends_at=timezone.localtime(session.ends_at),
            when=format_when(session.starts_at, session.ends_at),
            mode=str(session.mode),
            place=session.place,
            address=session.address,
            department=TerritoryTerm.from_model(session.department) if session.department else None,
            capacity=session.capacity,
            availability=availability.value,
            availability_label=label,
            registration_url=url,
        )


class Price(Schema):
    """What it costs to attend."""

    amount: Decimal = Field(description="In euros; 0 if it is free.", examples=["180.00"])
    is_free: bool
    label: str = Field(examples=["180 €"])

    @classmethod
    def from_value(cls, amount: Decimal | float) -> Self:
        amount = Decimal(amount).quantize(Decimal("0.01"))
        places = 0 if amount == amount.to_integral() else 2
        label = f"{number_format(amount, decimal_pos=places)}{NBSP}€" if amount else _("Gratuit")
        return cls.construct_trusted(amount=amount, is_free=not amount, label=label)


class SpeakerInfo(Schema):
    name: str
    role: str


class EventCard(Card):
    """What a training and a webinar share in a list."""

    kind_label: str = Field(examples=["Formation"])
    themes: list[Term]
    audiences: list[Term]
    picture: Picture | None
    is_past: bool = Field(description="Nothing of it is to come.")
    is_cancelled: bool = Field(description="All that was to come is cancelled.")
    next_session: SessionInfo | None = Field(
        description="The next that is not cancelled, or else the last."
    )
    sessions: list[SessionInfo]
    calendar_url: str = Field(description="Address of its iCalendar file.")

    @classmethod
    def event_fields(cls, event: EventPage, origin: str, sessions: Iterable[Any]) -> dict[str, Any]:
        """Return the fields of every event; subclasses add their own.

        Args:
            event: with its relations; a row of :func:`events.queries.published_events`.
            origin: what addresses start with.
            sessions: its sessions.
        """
        data = [SessionInfo.from_model(session, event, origin) for session in sessions]
        now = timezone.now()
        coming = [session for session in data if session.ends_at > now]
        calendar_path = reverse("api_v1:get_event_calendar", args=[event.pk or 0])
        on = [session for session in coming if session.availability != "cancelled"]
        return cls.card_fields(event, origin) | {
            "kind_label": event.get_kind_display(),
            "themes": Term.from_models(event.themes.all()),
            "audiences": Term.from_models(event.audiences.all()),
            "picture": Picture.from_model(event.image, origin, CARD_SPECS, alt="")
            if event.image
            else None,
            "is_past": not coming,
            "is_cancelled": bool(coming) and not on,
            "next_session": next(iter(on or coming or data[-1:]), None),
            "sessions": data,
            "calendar_url": build_absolute_url(calendar_path, origin),
        }


class TrainingCard(EventCard):
    """A training in a list."""

    type: Literal["training"] = "training"
    duration: str = Field(examples=["2 jours"])
    organiser: str
    price: Price

    @staticmethod
    def training_fields(page: TrainingPage) -> dict[str, Any]:
        return {
            "duration": page.duration,
            "organiser": page.organiser,
            "price": Price.from_value(page.price),
        }


class WebinarCard(EventCard):
    """A webinar in a list."""

    type: Literal["webinar"] = "webinar"
    replay_url: str = Field(description="Where to watch it afterwards.")

    @staticmethod
    def webinar_fields(page: WebinarPage) -> dict[str, Any]:
        return {"replay_url": page.replay_url}


AnyEventCard = Annotated[TrainingCard | WebinarCard, Field(discriminator="type")]


def serialize_event_card(event: EventPage, origin: str) -> TrainingCard | WebinarCard:
    """Return the card of a row of :func:`events.queries.published_events`."""
    sessions = event.sessions.all()
    if event.kind == "training":
        return TrainingCard.construct_trusted(
            **TrainingCard.event_fields(event, origin, sessions),
            **TrainingCard.training_fields(event.trainingpage),
        )
    return WebinarCard.construct_trusted(
        **WebinarCard.event_fields(event, origin, sessions),
        **WebinarCard.webinar_fields(event.webinarpage),
    )


class EventList(FacetedList[AnyEventCard]):
    """One page of the list of trainings and webinars."""


def _detail_fields(page: EventPage, origin: str) -> dict[str, Any]:
    documents = page.documents.select_related("document")
    return {
        "image": Picture.from_model(page.image, origin, FULL_SPECS, alt="") if page.image else None,
        "body": serialize_body(page.body, origin),
        "documents": [File.from_model(each.document, origin, each.title) for each in documents],
    }


@register_schema(TrainingPage)
class TrainingDetail(TrainingCard, PageDetail):
    """A training by itself."""

    goals: Html
    attendees: str = Field(description="Whom it is for, in a few words.")
    prerequisites: str
    image: Picture | None = Field(description="The image in its own shape.")
    body: list[Block] = Field(description="The programme.")
    documents: list[File]

    @classmethod
    def from_model(cls, page: TrainingPage, origin: str) -> Self:
        return cls(
            **cls.detail_fields(page, origin)
            | cls.event_fields(page, origin, page.displayed_sessions())
            | cls.training_fields(page)
            | _detail_fields(page, origin),
            goals=render_rich_text(page.goals, origin),
            attendees=page.attendees,
            prerequisites=page.prerequisites,
        )


@register_schema(WebinarPage)
class WebinarDetail(WebinarCard, PageDetail):
    """A webinar by itself."""

    speakers: list[SpeakerInfo]
    image: Picture | None = Field(description="The image in its own shape.")
    body: list[Block] = Field(description="The programme.")
    documents: list[File] = Field(description="Most often given afterwards.")

    @classmethod
    def from_model(cls, page: WebinarPage, origin: str) -> Self:
        return cls(
            **cls.detail_fields(page, origin)
            | cls.event_fields(page, origin, page.displayed_sessions())
            | cls.webinar_fields(page)
            | _detail_fields(page, origin),
            speakers=[
                SpeakerInfo.construct_trusted(name=s.name, role=s.role) for s in page.speakers.all()
            ],
        )


AnyEventDetail = Annotated[TrainingDetail | WebinarDetail, Field(discriminator="type")]


@register_schema(EventIndexPage)
class EventIndexDetail(IndexDetail):
    """The agenda."""

    type: Literal["event_index"] = "event_index"

    list_route = "api_v1:list_events"


class CalendarEntry(Schema):
    """A session on a day of the calendar."""

    session_id: int
    title: str
    kind_label: str = Field(examples=["Webinaire"])
    hours: str = Field(description="What part of the day.", examples=["14 h à 15 h 30"])
    mode: ModeName
    place: str
    is_cancelled: bool
    locale: str = Field(description="Language of the entry (BCP 47).", examples=["fr"])
    is_fallback: bool = Field(
        description="True where French stands for a translation that is missing."
    )
    event: Link


class CalendarDay(Schema):
    """A day of the calendar."""

    day: date
    label: str = Field(examples=["lundi 7 décembre"])
    is_in_month: bool = Field(description="False for the days that complete a week.")
    entries: list[CalendarEntry]


class EventCalendar(Schema):
    """A month of the agenda, in whole weeks from Monday."""

    month: str = Field(examples=["2026-12"])
    label: str = Field(examples=["décembre 2026"])
    previous: str = Field(description="The month before.", examples=["2026-11"])
    next: str = Field(description="The month after.", examples=["2027-01"])
    count: int = Field(description="How many sessions the month has.")
    days: list[CalendarDay]


class RegistrationIn(Schema):
    """A request to attend a session. The address gets a link by which to confirm it."""

    session: int | None = Field(
        None, description="Which session; may be left out if the event has only one."
    )
    name: str = Field(max_length=120, examples=["Camille Exemple"])
    email: str = Field(max_length=254, examples=["camille@example.org"])
    structure: str = Field("", max_length=150)
    structure_type: str = Field("", max_length=80, description="Slug of `structure_types`.")
    department: str = Field("", max_length=4, description="INSEE code.", examples=["59"])
    accessibility_needs: str = Field(
        "",
        max_length=500,
        description="Erased a week after the session. Never anyone's situation.",
    )
    consent: bool = Field(description="The person agrees to the text of `consent_text`.")
    locale: WrittenLocale = settings.LANGUAGE_CODE


class RegistrationReceipt(Schema):
    """The request was received. It reveals nothing of who is registered."""

    detail: str
