"""From what a page plans to the sessions that people attend, and what becomes of these."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from django.db import transaction
from django.utils import timezone

from events.models.registrations import Registration
from events.models.sessions import Session
from events.registering import promote_waiting_list
from events.tasks import notify_session_cancelled, notify_session_changed

if TYPE_CHECKING:
    from uuid import UUID

    from events.models import EventPage


SEAT_HOLDING_STATES = (Registration.State.CONFIRMED, Registration.State.WAITING)


def sync_sessions(page: EventPage) -> None:
    """Bring the sessions of a page that is live up to date with it, in the caller's transaction.

    A session keeps its row for as long as the page has its key. One that the
    page has no more goes away, unless somebody holds on to it: then it stays as
    it was, until it is cancelled in « Inscriptions ». Those who are confirmed
    are told when the time or the place changes, and more seats go to those who
    wait.
    """
    kept = {s.key: s for s in Session.objects.select_for_update().filter(page=page)}
    for plan in page.planned():
        # A date has one from the moment it is saved.
        key = cast("UUID", plan.key)
        session = kept.pop(key, None) or Session(page_id=page.pk, key=key)
        before = _when_and_where(session) if session.pk else None
        for name in Session.SYNCED_FIELDS:
            setattr(session, name, getattr(plan, name))
        session.page = page
        session.save()
        if before is None:
            continue
        if before != _when_and_where(session) and not (session.is_cancelled or session.is_past):
            transaction.on_commit(partial(notify_session_changed.enqueue, session.pk))
        promote_waiting_list(session)
    for session in kept.values():
        if not session.registrations.filter(state__in=SEAT_HOLDING_STATES).exists():
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
    """Cancel a session, and tell all those who hold on to it.

    Their registrations stay as they are, to know whom it was for.

    Args:
        session_id: which.
        reason: what they are told of it.

    Returns:
        Whether this call did it: a second one changes nothing and tells nobody.
    """
    with transaction.atomic():
        session = Session.objects.select_for_update().select_related(None).get(pk=session_id)
        if session.is_cancelled:
            return False
        session.cancelled_at = timezone.now()
        session.save()
        transaction.on_commit(lambda: notify_session_cancelled.enqueue(session_id, reason))
    return True
