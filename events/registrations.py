"""Registering, confirming, cancelling: the only code that changes a registration's state.

The form and the API both come here. Every change takes the session's row
first (``SELECT … FOR UPDATE`` on PostgreSQL; SQLite's transactions are
``IMMEDIATE``), so that two people never get the same last seat.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.email_addresses import normalize_email
from core.models import ContentVersion
from events.consent import CONSENT_VERSION
from events.models.registrations import Registration
from events.models.sessions import Availability, Mode, Session
from events.tasks import send_letter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from core.models import StructureType, Territory

State = Registration.State

RESEND_COOLDOWN = timedelta(minutes=5)
"""How long before the same request writes to the same address again."""


class RegistrationRefused(Exception):
    """The session takes nobody, and why."""

    def __init__(self, availability: Availability) -> None:
        self.availability = availability
        super().__init__(availability)


@dataclass(frozen=True)
class RegistrationRequest:
    """What a person gives to register, in the language that they are answered in."""

    email: str
    name: str
    structure: str = ""
    structure_type: StructureType | None = None
    department: Territory | None = None
    accessibility_needs: str = ""
    language: str = settings.LANGUAGE_CODE


def request_registration(session_id: int, requested: RegistrationRequest, origin: str = "") -> None:
    """Record a request for a seat, and send the answer to its e-mail address alone.

    So nobody else learns whether an address is registered: it gets a link to
    confirm, or an e-mail that it is registered already.

    Args:
        session_id: which session.
        requested: by a person who has agreed to our keeping it.
        origin: what the links of the e-mail start with.

    Raises:
        RegistrationRefused: the session takes nobody.
    """
    email = normalize_email(requested.email)
    details = {
        "name": requested.name,
        "structure": requested.structure,
        "structure_type": requested.structure_type,
        "department": requested.department,
        "accessibility_needs": requested.accessibility_needs,
        "language": requested.language,
        "consent_version": CONSENT_VERSION,
        "consented_at": timezone.now(),
    }
    with transaction.atomic():
        session = _lock_session(session_id)
        _require_room(session)
        found = session.registrations.filter(email=email, state__in=Registration.ACTIVE).first()
        if found is None:
            found = Registration(session=session, email=email)
        if found.state == State.PENDING:
            for name, value in details.items():
                setattr(found, name, value)
        now = timezone.now()
        must_write = found.written_at is None or found.written_at <= now - RESEND_COOLDOWN
        if must_write:
            found.written_at = now
        found.save()
        if must_write:
            _enqueue_email(found, "confirm" if found.state == State.PENDING else "already", origin)


def confirm_registration(uuid: UUID, origin: str = "") -> Registration:
    """Confirm a registration, or put it on the waiting list; a second call changes nothing.

    Raises:
        RegistrationRefused: the session has no room any more, or the registration was cancelled.
    """
    with transaction.atomic():
        registration = _lock_registration(uuid)
        session = registration.session
        if registration.state == State.CANCELLED:
            raise RegistrationRefused(Availability.CLOSED)
        if registration.state != State.PENDING:
            return registration
        before = _require_room(session)
        now = timezone.now()
        if before == Availability.OPEN:
            registration.state, registration.confirmed_at = State.CONFIRMED, now
        else:
            registration.state, registration.queued_at = State.WAITING, now
        registration.save()
        _invalidate_pages(session, before)
        _enqueue_email(registration, registration.state, origin)
    return registration


def cancel_registration(uuid: UUID, origin: str = "") -> Registration:
    """Cancel a registration and promote the waiting list; a second call changes nothing.

    Raises:
        RegistrationRefused: the session has begun.
    """
    with transaction.atomic():
        registration = _lock_registration(uuid)
        session = registration.session
        if registration.state == State.CANCELLED:
            return registration
        if session.starts_at <= timezone.now():
            raise RegistrationRefused(Availability.PAST)
        before = session.availability()
        registration.state, registration.cancelled_at = State.CANCELLED, timezone.now()
        registration.accessibility_needs = ""
        registration.save()
        promote_waiting_list(session, origin)
        _invalidate_pages(session, before)
        _enqueue_email(registration, "cancelled", origin)
    return registration


def promote_waiting_list(session: Session, origin: str = "") -> list[Registration]:
    """Confirm those who wait for the free seats; the caller has locked the session."""
    begun = session.starts_at <= timezone.now()
    if session.is_cancelled or session.is_past or (begun and session.mode == Mode.ONSITE):
        return []
    promoted = list(_next_waiting(session))
    for registration in promoted:
        registration.state = State.CONFIRMED
        registration.confirmed_at = timezone.now()
        registration.save()
        _enqueue_email(registration, "promoted", origin)
    return promoted


def _next_waiting(session: Session) -> Iterator[Registration]:
    waiting = session.registrations.filter(state=State.WAITING).order_by("queued_at", "pk")
    if session.capacity is None:
        yield from waiting
        return
    free = session.capacity - session.registrations.filter(state=State.CONFIRMED).count()
    yield from waiting[: max(0, free)]


def _lock_session(session_id: int) -> Session:
    locked: Session = Session.objects.select_for_update().get(pk=session_id)
    return locked


def _lock_registration(uuid: UUID) -> Registration:
    # The session first: that is the order in which everybody locks.
    session_id = Registration.objects.values_list("session_id", flat=True).get(uuid=uuid)
    session = _lock_session(session_id)
    registration = session.registrations.select_for_update(of=("self",)).get(uuid=uuid)
    registration.session = session
    return registration


def _require_room(session: Session) -> Availability:
    availability = session.availability()
    if availability not in {Availability.OPEN, Availability.WAITING}:
        raise RegistrationRefused(availability)
    return availability


def _invalidate_pages(session: Session, before: Availability) -> None:
    """Bump the content version if the availability of a session changed."""
    if session.availability() != before:
        ContentVersion.bump()


def _enqueue_email(registration: Registration, kind: str, origin: str) -> None:
    number = registration.pk
    transaction.on_commit(lambda: send_letter.enqueue(number, str(kind), origin))
