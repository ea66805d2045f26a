"""Update sessions when live events are saved."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from events.models import EventPage
from events.models.pages import live_event_saved
from events.session_sync import sync_sessions


@receiver(live_event_saved, dispatch_uid="events.sync_sessions")
def sync_sessions_of_live_event(instance: EventPage, **kwargs: Any) -> None:
    """Update the sessions of an event that was saved live."""
    sync_sessions(instance)
