"""What follows when an event is admitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.dispatch import receiver

from events.models import EventPage
from events.session_sync import sync_sessions
from published.admission import admitting

if TYPE_CHECKING:
    from django.db.models import Model


@receiver(admitting, dispatch_uid="events.sync_sessions")
def sync_sessions_of_admitted_event(instance: Model, **kwargs: Any) -> None:
    """Update the sessions of an event that becomes public."""
    if isinstance(instance, EventPage):
        sync_sessions(instance)
