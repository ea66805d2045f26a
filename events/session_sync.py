"""Sessions that people attend: synced from the dates of admitted pages, and cancelled."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.utils import timezone

from events.models.registrations import Registration
from events.models.sessions import Session
from events.registrations import promote_waiting_list
from events.tasks import notify_session_cancelled, notify_session_changed

if TYPE_CHECKING:
    from uuid import UUID

    from events.models import EventPage


SEAT_HOLDING_STATES = (Registration.State.CONFIRMED, Registration.State.WAITING)


def sync_sessions(page: EventPage) -> None:
    """Update the sessions of a page that is admitted, in the caller's transaction.

    A session keeps its row for as long as the page has its key. One that the
    page has no more is deleted, unless it has registrations: then it stays where
    and when it was, until it is cancelled in « Inscriptions ». Those who are
    confirmed are notified when the time or the place changes, and more seats go
    to those who wait.
    """
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
            transaction.on_commit(partial(notify_session_changed.enqueue, session.pk))
        promote_waiting_list(session)
    for session in kept.values():
        if session.registrations.filter(state__in=SEAT_HOLDING_STATES).exists():
            page.write_session(session)
            session.save()
        else:
            session.registrations.all().delete()
            session.delete()


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
        transaction.on_commit(lambda: notify_session_cancelled.enqueue(session_id, reason))
    return True
