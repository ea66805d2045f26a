"""Trainings and webinars, the sessions that people attend, and who registered for them."""

from events.models.pages import (
    EventDocument,
    EventIndexPage,
    EventKind,
    EventPage,
    Speaker,
    TrainingDate,
    TrainingPage,
    WebinarPage,
)
from events.models.registrations import Registration, SentEmail
from events.models.sessions import Session

__all__ = [
    "EventDocument",
    "EventIndexPage",
    "EventKind",
    "EventPage",
    "Registration",
    "SentEmail",
    "Session",
    "Speaker",
    "TrainingDate",
    "TrainingPage",
    "WebinarPage",
]
