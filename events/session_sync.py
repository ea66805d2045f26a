"""Sessions that people attend: synced from the dates of admitted pages, and cancelled."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.utils import timezone

from events.emails import notify_session_cancelled, notify_session_changed
from events.models.registrations import Registration
from events.models.sessions import Session
from events.registrations import promote_waiting_list, send_letter
from outbox.letters import cancel_letters

if TYPE_CHECKING:
    from uuid import UUID

    from events.models import EventPage


SEAT_HOLDING_STATES = (Registration.State.CONFIRMED, Registration.State.WAITING)


@dataclass
class SessionChanges:
    """What people are to be told of sessions, once the words of their event are public."""

    moved: list[int] = field(default_factory=list)
    promoted: list[Registration] = field(default_factory=list)


def sync_sessions(page: EventPage) -> SessionChanges:
    """Update the sessions of a page that is admitted, in the caller's transaction.

    A session keeps its row for as long as the page has its key. One that the
    page has no more is deleted, unless it has registrations: then it stays where
    and when it was, until it is cancelled in « Inscriptions ». More seats go to
    those who wait.

    Returns:
        What :func:`announce_changes` sends.
    """
    changes = SessionChanges()
    kept = {s.key: s for s in Session.objects.select_for_update().filter(page=page)}
    for plan in page.get_planned_sessions():
        # A date has one from the moment it is saved.
        key = cast("UUID", plan.key)
        session = kept.pop(key, None) or Session(key=key)
        before = _when_and_where(session) if session.pk else None
        page.write_session(session, plan)
        session.save()
        if before is None:
            continue
        if before != _when_and_where(session) and not (session.is_cancelled or session.is_past):
            changes.moved.append(session.pk)
        changes.promoted += promote_waiting_list(session)
    for session in kept.values():
        if session.registrations.filter(state__in=SEAT_HOLDING_STATES).exists():
            page.write_session(session)
            session.save()
        else:
            session.registrations.all().delete()
            session.delete()
    return changes


def announce_changes(changes: SessionChanges) -> None:
    """Notify those confirmed of another time or place, and those who got a seat."""
    for session_id in changes.moved:
        notify_session_changed(session_id)
    for registration in changes.promoted:
        send_letter(registration, "promoted")


def _when_and_where(session: Session) -> tuple[object, ...]:
    return (
        session.starts_at,
        session.ends_at,
        session.mode,
        session.place,
        session.address,
        session.join_url,
    )


def cancel_session(session_id: int, reason: str = "") -> bool:
    """Cancel a session and notify those who are registered.

    Their registrations stay as they are, for the record.

    Args:
        session_id: which.
        reason: what they read of it.

    Returns:
        Whether this call did it: a second one changes nothing and sends nothing.
    """
    with transaction.atomic():
        session = Session.objects.select_for_update().select_related(None).get(pk=session_id)
        if session.is_cancelled:
            return False
        session.cancelled_at = timezone.now()
        session.save()
        # Whatever else was to be read of it is over.
        cancel_letters(session.registrations.all())
        notify_session_cancelled(session_id, reason)
    return True
