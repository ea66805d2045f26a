"""Trainings, webinars, their sessions, and who registered."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from django.utils import timezone

from events.consent import CONSENT_VERSION
from events.models import (
    EventIndexPage,
    EventPage,
    Registration,
    Session,
    TrainingDate,
    TrainingPage,
    WebinarPage,
)
from tests.factories.pages import OurPageFactory

SECRET = "https://visio.example.org/secret-a-ne-pas-dire"
"""The join link of every session made here, to look for where it must not be."""


def agenda() -> EventIndexPage:
    """Return the agenda, made if there is none."""
    return EventIndexPage.objects.first() or EventIndexPageFactory()


def in_days(days: float, hours: float = 0) -> dt.datetime:
    """Return a moment from now, at a whole minute."""
    now = timezone.now().replace(second=0, microsecond=0)
    return now + dt.timedelta(days=days, hours=hours)


def training_date(days: float = 20, **values: Any) -> TrainingDate:
    """Return an unsaved date of a training, a while ahead."""
    values.setdefault("starts_at", in_days(days))
    values.setdefault("ends_at", values["starts_at"] + dt.timedelta(hours=7))
    values.setdefault("place", "Lille")
    values.setdefault("join_url", SECRET)
    return TrainingDate(**values)


class EventIndexPageFactory(OurPageFactory):
    class Meta:
        model = EventIndexPage

    title = "Agenda"
    slug = "agenda"


class TrainingPageFactory(OurPageFactory):
    """A training with one date, unless ``dates`` gives others."""

    class Meta:
        model = TrainingPage

    parent = factory.LazyFunction(agenda)
    title = factory.Sequence(lambda n: f"Formation {n}")
    slug = factory.Sequence(lambda n: f"formation-{n}")
    dates = factory.LazyFunction(lambda: [training_date()])


class WebinarPageFactory(OurPageFactory):
    """A webinar, ``days`` ahead."""

    class Meta:
        model = WebinarPage

    class Params:
        days = 10

    parent = factory.LazyFunction(agenda)
    title = factory.Sequence(lambda n: f"Webinaire {n}")
    slug = factory.Sequence(lambda n: f"webinaire-{n}")
    starts_at = factory.LazyAttribute(lambda page: in_days(page.days))
    ends_at = factory.LazyAttribute(lambda page: page.starts_at + dt.timedelta(hours=1.5))
    join_url = SECRET


class RegistrationFactory(factory.django.DjangoModelFactory):
    """Somebody who is confirmed."""

    class Meta:
        model = Registration

    session = factory.LazyFunction(lambda: only_session(WebinarPageFactory()))
    state = Registration.State.CONFIRMED
    email = factory.Sequence(lambda n: f"inscrite-{n}@example.org")
    name = factory.Sequence(lambda n: f"Camille Exemple {n}")
    consent_version = CONSENT_VERSION
    consented_at = factory.LazyFunction(timezone.now)
    created_at = factory.LazyFunction(lambda: timezone.now() - dt.timedelta(days=100))
    confirmed_at = factory.LazyAttribute(lambda registration: registration.created_at)
    queued_at = factory.LazyAttribute(
        lambda registration: (
            registration.created_at if registration.state == Registration.State.WAITING else None
        )
    )


def only_session(event: EventPage) -> Session:
    """Return the session of an event that has one."""
    return Session.objects.select_related("page").get(page=event.pk)
