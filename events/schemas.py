"""Schemas of trainings and webinars. The join link of a session is never in here."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from pydantic import ConfigDict, Field

from core.languages.times import NBSP, format_time
from core.references import Ref, to_words
from core.registry import register_schema
from core.richtext import html_words
from core.schemas import (
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
from core.schemas.inputs import Input
from core.schemas.languages import WrittenLocale
from core.web.links import build_absolute_url, localized_path
from events.models import EventIndexPage, EventPage, Session, TrainingPage, WebinarPage
from events.models.sessions import Availability, Mode, RegistrationMode
from published.composing import Reading, compose_value
from published.facets import territory_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


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
    def from_model(cls, session: Session, origin: str) -> SessionInfo:
        """Return a session by itself."""
        return cls(**compose_value(session_words(session, origin), Reading(origin)))


def session_words(session: Session, origin: str) -> dict[str, Any]:
    """Return the words of a session now, in the active language.

    Args:
        session: with its seats taken, its page and the page's locale.
        origin: what addresses start with.
    """
    availability = session.availability()
    label = availability_label(availability)
    if availability == Availability.EXTERNAL and _is_original(session):
        label = _("Inscriptions en français")
    words: dict[str, Any] = to_words(
        {
            "id": session.pk or 0,
            "starts_at": timezone.localtime(session.starts_at),
            "ends_at": timezone.localtime(session.ends_at),
            "when": format_when(session.starts_at, session.ends_at),
            "mode": str(session.mode),
            "place": session.place,
            "address": session.address,
            "department": TerritoryTerm.ref(session.department_id),
            "capacity": session.capacity,
            "availability": availability.value,
            "availability_label": label,
            "registration_url": _registration_url(session, availability, origin),
        }
    )
    return words


def _is_original(session: Session) -> bool:
    return session.registration_mode == RegistrationMode.ORIGINAL


def _registration_url(session: Session, availability: Availability, origin: str) -> str:
    page = session.page
    if availability == Availability.EXTERNAL and _is_original(session):
        key, locale = page.translation_key, page.locale.language_code
        path = localized_path("events:to-original", locale, key, session.key)
    elif availability == Availability.EXTERNAL:
        return session.external_registration_url
    elif availability in {Availability.OPEN, Availability.WAITING} and session.pk:
        path = localized_path("events:register", settings.LANGUAGE_CODE, session.uuid)
    else:
        return ""
    return build_absolute_url(path, origin)


def agenda_words(sessions: Sequence[Session], reading: Reading) -> dict[str, Any]:
    """Return the fields of an event that its sessions and the clock make.

    Args:
        sessions: all those of one event, in their order.
        reading: its origin and its moment.
    """
    words = [session_words(session, reading.origin) for session in sessions]
    both = list(zip(sessions, words, strict=True))
    coming = [each for session, each in both if session.ends_at > reading.now]
    on = [each for each in coming if each["availability"] != Availability.CANCELLED]
    return {
        "is_past": not coming,
        "is_cancelled": bool(coming) and not on,
        "next_session": next(iter(on or coming or words[-1:]), None),
        "sessions": words,
    }


AGENDA_FIELDS = ("is_past", "is_cancelled", "next_session", "sessions", "calendar_url")
"""What is asked on reading: the sessions of an event (:mod:`events.resolvers`)."""


class Price(Schema):
    """What it costs to attend."""

    amount: Decimal = Field(description="In euros; 0 if it is free.", examples=["180.00"])
    is_free: bool
    label: str = Field(examples=["180 €"])


def price_words(amount: Decimal | float) -> dict[str, Any]:
    """Return the words of a price, whose label is written for its reader."""
    amount = Decimal(amount).quantize(Decimal("0.01"))
    return {"amount": amount, "is_free": not amount, "label": Ref("label", ("price", str(amount)))}


def price_label(value: str) -> str:
    """Return a price as the active language writes it.

    Args:
        value: in euros, with two decimals.
    """
    amount = Decimal(value)
    if not amount:
        return _("Gratuit")
    places = 0 if amount == amount.to_integral() else 2
    return f"{number_format(amount, decimal_pos=places)}{NBSP}€"


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
    def own_words(cls, page: Any) -> dict[str, Any]:
        return (
            super().own_words(page)
            | {
                "kind_label": Ref("label", ("event_kind", page.KIND)),
                "themes": Term.refs(page.themes.all()),
                "audiences": Term.refs(page.audiences.all()),
                "picture": Picture.ref(page.image_id, "card", alt=""),
            }
            | {name: Ref("sessions", (page.pk or 0, name)) for name in AGENDA_FIELDS}
        )


class TrainingCard(EventCard):
    """A training in a list."""

    type: Literal["training"] = "training"
    duration: str = Field(examples=["2 jours"])
    organiser: str
    price: Price

    @classmethod
    def own_words(cls, page: TrainingPage) -> dict[str, Any]:
        return super().own_words(page) | {
            "duration": page.duration,
            "organiser": page.organiser,
            "price": price_words(page.price),
        }


class WebinarCard(EventCard):
    """A webinar in a list."""

    type: Literal["webinar"] = "webinar"
    replay_url: str = Field(description="Where to watch it afterwards.")

    @classmethod
    def own_words(cls, page: WebinarPage) -> dict[str, Any]:
        return super().own_words(page) | {"replay_url": page.replay_url}


AnyEventCard = Annotated[TrainingCard | WebinarCard, Field(discriminator="type")]


class EventList(FacetedList[AnyEventCard]):
    """One page of the list of trainings and webinars."""


class EventDetail(PageDetail):
    """What a training and a webinar share by themselves."""

    @classmethod
    def own_words(cls, page: Any) -> dict[str, Any]:
        return super().own_words(page) | {
            "image": Picture.ref(page.image_id, "full", alt=""),
            "body": serialize_body(page.body),
            "documents": [File.ref(each.document_id, each.title) for each in page.documents.all()],
        }

    @classmethod
    def own_facets(cls, page: EventPage) -> dict[str, Iterable[object]]:
        # Its sessions were updated just before, and change otherwise only to be cancelled.
        sessions = list(Session.objects.filter(page=page.pk).select_related("department"))
        return {
            "kind": [page.KIND],
            "theme": [theme.pk for theme in page.themes.all()],
            "audience": [audience.pk for audience in page.audiences.all()],
            "mode": [session.mode for session in sessions],
            "month": [f"{timezone.localtime(session.starts_at):%Y-%m}" for session in sessions],
            "territory": territory_values(
                session.department if session.mode == Mode.ONSITE else None for session in sessions
            ),
        }

    @classmethod
    def own_columns(cls, page: EventPage) -> dict[str, Any]:
        starts_at, ends_at = page.get_period()
        return {"starts_at": starts_at, "ends_at": ends_at}


@register_schema(TrainingPage, card=TrainingCard)
class TrainingDetail(TrainingCard, EventDetail):
    """A training by itself."""

    goals: Html
    attendees: str = Field(description="Whom it is for, in a few words.")
    prerequisites: str
    image: Picture | None = Field(description="The image in its own shape.")
    body: list[Block] = Field(description="The programme.")
    documents: list[File]

    @classmethod
    def own_words(cls, page: TrainingPage) -> dict[str, Any]:
        return super().own_words(page) | {
            "goals": html_words(page.goals),
            "attendees": page.attendees,
            "prerequisites": page.prerequisites,
        }


@register_schema(WebinarPage, card=WebinarCard)
class WebinarDetail(WebinarCard, EventDetail):
    """A webinar by itself."""

    speakers: list[SpeakerInfo]
    image: Picture | None = Field(description="The image in its own shape.")
    body: list[Block] = Field(description="The programme.")
    documents: list[File] = Field(description="Most often given afterwards.")

    @classmethod
    def own_words(cls, page: WebinarPage) -> dict[str, Any]:
        return super().own_words(page) | {
            "speakers": [
                SpeakerInfo.construct_trusted(name=speaker.name, role=speaker.role)
                for speaker in page.speakers.all()
            ],
        }


AnyEventDetail = Annotated[TrainingDetail | WebinarDetail, Field(discriminator="type")]


@register_schema(EventIndexPage, card=Card)
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


class RegistrationIn(Input):
    """A request to attend a session. The address gets a link by which to confirm it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
    consent: bool = Field(description="The person agrees to the text that they were shown.")
    consent_version: str = Field(
        max_length=20,
        description="Of that text: see `registration` among the consents of `privacy/`.",
        examples=["2026-01"],
    )
    locale: WrittenLocale = settings.LANGUAGE_CODE


class RegistrationReceipt(Schema):
    """The request was received. It reveals nothing of who is registered."""

    detail: str
