"""The agenda of the demonstration: its days are counted from the week of loading."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any
from uuid import uuid5

from django.conf import settings
from django.utils import timezone
from wagtail.models import Locale

from core.models import Audience, Image, Territory, Theme
from core.schemas import CARD_SPECS
from events.consent import CONSENT_VERSION
from events.models import (
    EventIndexPage,
    Registration,
    Speaker,
    TrainingDate,
    TrainingPage,
    WebinarPage,
)
from events.models.sessions import Mode
from home.models import HomePage
from pare.demo.bodies import Bodies
from pare.demo.content import Item, read_agenda
from pare.demo.files import read_cover
from pare.demo.load_log import LoadLog, uuid_of

KIND = "event"
FIRST_NAMES = [
    "Alix",
    "Camille",
    "Charlie",
    "Claude",
    "Dominique",
    "Lou",
    "Noa",
    "Sacha",
    "Sam",
    "Yaël",
]


def load_agenda() -> Counter[str]:
    """Load the events that were never loaded, in the caller's transaction.

    Returns:
        How many events and images were made.
    """
    data = read_agenda()
    loader = _Loader(data)
    home = HomePage.objects.filter(locale=loader.locale).first()
    if home is not None and (agenda := loader.make_agenda(home)):
        for item in data["events"]:
            loader.make_event(agenda, item)
    return loader.made


class _Loader:
    def __init__(self, data: Item) -> None:
        self.data = data
        self.locale = Locale.objects.get(language_code=settings.LANGUAGE_CODE)
        self.bodies = Bodies({}, {}, {})
        self.made: Counter[str] = Counter()
        keys = [data["agenda"]["key"], *(item["key"] for item in data["events"])]
        self.load_log = LoadLog((KIND, key) for key in keys)

    def make_agenda(self, home: HomePage) -> EventIndexPage | None:
        """Return the agenda: that of an editor, or else ours unless it was deleted."""
        item = self.data["agenda"]
        page = EventIndexPage.objects.child_of(home).first()
        if page is not None or self.load_log.has(KIND, item["key"]):
            return page
        if home.get_children().filter(slug=item["key"]).exists():
            return None
        page = EventIndexPage(
            title=item["title"],
            slug=item["key"],
            summary=item["summary"],
            locale=self.locale,
            translation_key=uuid_of(KIND, item["key"]),
            show_in_menus=True,
            live=False,
        )
        home.add_child(instance=page)
        self.load_log.add(KIND, item["key"], page)
        page.save_revision().publish()
        self.made["page"] += 1
        return page

    def make_event(self, agenda: EventIndexPage, item: Item) -> None:
        """Create a training or a webinar, with its registrations."""
        key = item["key"]
        if self.load_log.has(KIND, key) or agenda.get_children().filter(slug=key).exists():
            return
        make = self._training if item["kind"] == "training" else self._webinar
        page = make(item)
        page.body = self.bodies.body(uuid_of("body", key), item.get("body", []))
        page.themes = self._terms(Theme, item["themes"])
        page.audiences = self._terms(Audience, item["audiences"])
        page.image = self._image(key, item)
        agenda.add_child(instance=page)
        self.load_log.add(KIND, key, page)
        page.save_revision().publish()
        self.made[KIND] += 1
        for position, session in enumerate(page.sessions.order_by("starts_at")):
            data = item.get("sessions", [{}])[position]
            self._register(session, item, data)

    def _training(self, item: Item) -> TrainingPage:
        page = TrainingPage(
            **self._common(item),
            goals=self.bodies.rich_text(item.get("goals", "")),
            price=item["price"],
            **{
                name: item.get(name, "")
                for name in ("organiser", "duration", "attendees", "prerequisites")
            },
        )
        page.dates.add(
            *(
                TrainingDate(
                    sort_order=order,
                    key=uuid5(uuid_of(KIND, item["key"]), str(order)),
                    capacity=item["capacity"],
                    **self._venue(item["key"], data),
                )
                for order, data in enumerate(item["sessions"])
            )
        )
        return page

    @staticmethod
    def _venue(key: str, data: Item) -> Item:
        when = _times(data, time="09:30", hours=7)
        if data.get("online"):
            return when | {"mode": Mode.ONLINE, "join_url": _join_url(key)}
        return when | {
            "mode": Mode.ONSITE,
            "place": data["place"],
            "department": Territory.objects.get(code=data["department"]),
        }

    def _webinar(self, item: Item) -> WebinarPage:
        page = WebinarPage(
            **self._common(item),
            **_times(item),
            join_url=_join_url(item["key"]),
            capacity=item.get("capacity"),
            replay_url=item.get("replay", ""),
        )
        page.speakers.add(
            *(
                Speaker(sort_order=order, **data)
                for order, data in enumerate(item.get("speakers", []))
            )
        )
        return page

    def _common(self, item: Item) -> Item:
        return {
            "title": item["title"],
            "slug": item["key"],
            "summary": item["summary"],
            "locale": self.locale,
            "translation_key": uuid_of(KIND, item["key"]),
            "live": False,
            "is_demo": True,
        }

    def _terms(self, model: type[Any], slugs: list[str]) -> list[Any]:
        return list(model.objects.filter(locale=self.locale, slug__in=slugs))

    def _image(self, key: str, item: Item) -> Image:
        image = Image(title=item["title"], file=read_cover(key))
        image.save()
        image.get_renditions(*CARD_SPECS)
        self.made["image"] += 1
        return image

    @staticmethod
    def _register(session: Any, item: Item, data: Item) -> None:
        now = timezone.now()
        states = [Registration.State.CONFIRMED] * data.get("registered", 0)
        states += [Registration.State.WAITING] * data.get("waiting", 0)
        Registration.objects.bulk_create(
            Registration(
                session=session,
                state=state,
                name=f"{FIRST_NAMES[number % len(FIRST_NAMES)]} Exemple",
                email=f"participant-{number + 1}@example.org",
                structure="Association Exemple",
                consent_version=CONSENT_VERSION,
                consented_at=now,
                confirmed_at=now if state == Registration.State.CONFIRMED else None,
                queued_at=now if state == Registration.State.WAITING else None,
                has_attended=session.is_past,
            )
            for number, state in enumerate(states)
        )


def _times(data: Item, time: str = "", hours: float = 1) -> Item:
    """Return when something begins and ends: at an hour of Paris, days from this week's Monday."""
    hour = dt.time.fromisoformat(data.get("time", time))
    today = timezone.localdate()
    day = today + dt.timedelta(days=data["offset"] - today.weekday())
    start = timezone.make_aware(dt.datetime.combine(day, hour))
    return {
        "starts_at": start,
        "ends_at": start + dt.timedelta(hours=data.get("hours", hours)),
    }


def _join_url(key: str) -> str:
    return f"https://visio.example.org/{uuid_of('join', key).hex[:12]}"
