"""What follows when an event is admitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.dispatch import receiver

from events.models import EventPage
from events.session_sync import SessionChanges, announce_changes, sync_sessions
from published.admission import admitting, written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model

CHANGES = "_session_changes"


@receiver(admitting, dispatch_uid="events.sync_sessions")
def sync_sessions_of_admitted_event(instance: Model, **kwargs: Any) -> None:
    """Update the sessions of an event that becomes public."""
    if isinstance(instance, EventPage):
        # Of this act: its instance is that of no other.
        instance.__dict__[CHANGES] = sync_sessions(instance)


@receiver(written, dispatch_uid="events.announce_changes")
def announce_changes_of_sessions(things: Sequence[Model], **kwargs: Any) -> None:
    """Send what follows from other times, places and seats, in the words that are public now."""
    for thing in things:
        changes: SessionChanges | None = thing.__dict__.pop(CHANGES, None)
        if changes is not None:
            announce_changes(changes)
