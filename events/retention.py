"""How long what people give to register is kept, and its end."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from events.models import Registration

NEEDS_RETENTION = timedelta(days=7)
"""How long accessibility needs are kept after a session."""
REGISTRATION_RETENTION = timedelta(days=365)
"""How long registrations are kept after a session."""
UNCONFIRMED_RETENTION = timedelta(hours=48)
"""How long a request that nobody confirms is kept."""


def erase_needs(before: datetime) -> int:
    """Erase the accessibility needs for sessions that ended before a moment."""
    over = Registration.objects.filter(session__ends_at__lt=before)
    return over.exclude(accessibility_needs="").update(accessibility_needs="")


def delete_unconfirmed(before: datetime) -> int:
    """Delete the requests of before a moment that nobody confirmed."""
    waiting = Registration.objects.filter(state=Registration.State.PENDING)
    return _delete(waiting.filter(consented_at__lt=before))


def delete_registrations(before: datetime) -> int:
    """Delete the registrations for sessions that ended before a moment."""
    return _delete(Registration.objects.filter(session__ends_at__lt=before))


def _delete(rows: QuerySet[Registration]) -> int:
    """Delete registrations, and return how many: their letters are not counted."""
    _all, by_model = rows.delete()
    return by_model.get(Registration._meta.label, 0)
