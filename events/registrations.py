"""Registering, confirming, cancelling: the only code that changes a registration's state.

The form and the API both come here. Every change takes the session's row
first (``SELECT … FOR UPDATE`` on PostgreSQL; SQLite's transactions are
``IMMEDIATE``), so that two people never get the same last seat.
"""

from __future__ import annotations

from collections import Counter
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4 as new_uuid

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.email_addresses import normalize_email
from core.models import ContentVersion
from events import emails
from events.consent import CONSENT_VERSION
from events.models.registrations import Registration
from events.models.sessions import Availability, Mode, Session
from outbox.letters import cancel_letters, hurry_letter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
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


class AlreadyRegistered(Exception):
    """An address is registered for the session already."""


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


def request_registration(
    session_id: int,
    requested: RegistrationRequest,
    origin: str = "",
    way: Registration.Way = Registration.Way.FORM,
) -> None:
    """Record a request for a seat, and send the answer to its e-mail address alone.

    So nobody else learns whether an address is registered: it gets a link to
    confirm, or an e-mail that it is registered already.

    Args:
        session_id: which session.
        requested: by a person who has agreed to our keeping it.
        origin: what the links of the e-mail start with.
        way: how they agreed.

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
        "consent_way": way,
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
        found.save()
        _answer(found, "confirm" if found.state == State.PENDING else "already", origin)


def _answer(registration: Registration, kind: str, origin: str) -> None:
    """Write to an address, unless the same letter is on its way or has just left.

    A new registration is asked for its letters too, so that it costs as much as one that is there.
    """
    if hurry_letter(registration, f"events/{kind}"):
        return
    now = timezone.now()
    if registration.written_at is None or registration.written_at <= now - RESEND_COOLDOWN:
        registration.written_at = now
        registration.save(update_fields=["written_at"])
        send_letter(registration, kind, origin)


def confirm_registration(uuid: UUID, origin: str = "") -> Registration:
    """Confirm a registration, or put it on the waiting list; a second call changes nothing.

    Raises:
        RegistrationRefused: the session has no room any more, or the registration was cancelled.
    """
    with transaction.atomic():
        registration = lock_registration(uuid)
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
        send_letter(registration, registration.state, origin)
    return registration


def cancel_registration(uuid: UUID, origin: str = "") -> Registration:
    """Cancel a registration and promote the waiting list; a second call changes nothing.

    Raises:
        RegistrationRefused: the session has begun.
    """
    with transaction.atomic():
        registration = lock_registration(uuid)
        session = registration.session
        if registration.state == State.CANCELLED:
            return registration
        if session.starts_at <= timezone.now():
            raise RegistrationRefused(Availability.PAST)
        before = session.availability()
        registration.state, registration.cancelled_at = State.CANCELLED, timezone.now()
        registration.accessibility_needs = ""
        registration.save()
        # Whatever else was to be read of it is over.
        cancel_letters(registration)
        for each in promote_waiting_list(session):
            send_letter(each, "promoted", origin)
        _invalidate_pages(session, before)
        send_letter(registration, "cancelled", origin)
    return registration


def add_registration(session_id: int, requested: RegistrationRequest) -> Registration:
    """Add a person for the team, who has their agreement: a seat, or a place in the waiting list.

    Raises:
        AlreadyRegistered: their address is registered for this session.
        RegistrationRefused: the session takes nobody.
    """
    now = timezone.now()
    with transaction.atomic():
        session = _lock_session(session_id)
        added = draft_registration(session, requested)
        _require_free_address(added)
        before = _require_room(session)
        if added.state == State.CONFIRMED:
            added.confirmed_at = now
        else:
            added.queued_at = now
        added.consented_at = now
        added.save()
        _invalidate_pages(session, before)
        send_letter(added, added.state)
    return added


def draft_registration(session: Session, requested: RegistrationRequest) -> Registration:
    """Return a registration as :func:`add_registration` would add it, unsaved."""
    has_seat = session.availability() == Availability.OPEN
    return Registration(
        session=session,
        state=State.CONFIRMED if has_seat else State.WAITING,
        email=normalize_email(requested.email),
        name=requested.name,
        structure=requested.structure,
        structure_type=requested.structure_type,
        department=requested.department,
        accessibility_needs=requested.accessibility_needs,
        language=requested.language,
        consent_way=Registration.Way.TEAM,
        consent_version=CONSENT_VERSION,
    )


def correct_registration(uuid: UUID, requested: RegistrationRequest) -> Registration:
    """Correct what is kept of a person. A new address gets a letter, and the old one's links end.

    The old address gets one too.

    Raises:
        AlreadyRegistered: the new address is registered for this session.
    """
    with transaction.atomic():
        found = lock_registration(uuid)
        before, old_address = copy(found), found.email
        found.email = normalize_email(requested.email)
        found.name, found.structure = requested.name, requested.structure
        found.structure_type, found.department = requested.structure_type, requested.department
        found.accessibility_needs = requested.accessibility_needs
        found.language = requested.language
        if found.email != old_address:
            _require_free_address(found)
            # Signed links hold it: those that the old address got are somebody else's now.
            found.uuid = new_uuid()
            # Those that did not leave hold them too.
            cancel_letters(found)
        found.save()
        if found.email != old_address:
            send_letter(before, "address_changed")
            if letter := letter_of_state(found):
                send_letter(found, letter)
    return found


def letter_of_state(registration: Registration) -> str:
    """Return the letter that holds all that a person needs; empty if they are not expected."""
    if registration.session.is_past or registration.session.is_cancelled:
        return ""
    letters = {
        State.PENDING: "confirm",
        State.CONFIRMED: "confirmed",
        State.WAITING: "waiting",
    }
    return letters.get(State(registration.state), "")


def require_place(registration: Registration) -> None:
    """Refuse what :func:`add_registration` would refuse.

    Raises:
        AlreadyRegistered: their address is registered for this session.
        RegistrationRefused: the session takes nobody.
    """
    _require_free_address(registration)
    _require_room(registration.session)


def state_of_confirming(session: Session) -> State:
    """Return what becomes of a registration that is confirmed now.

    Raises:
        RegistrationRefused: the session has no room any more.
    """
    has_seat = _require_room(session) == Availability.OPEN
    return State.CONFIRMED if has_seat else State.WAITING


def is_address_taken(registration: Registration) -> bool:
    """Return whether somebody else is registered for the session with this address."""
    others = registration.session.registrations.exclude(pk=registration.pk)
    return others.filter(email=registration.email, state__in=Registration.ACTIVE).exists()


def _require_free_address(registration: Registration) -> None:
    if registration.state in Registration.ACTIVE and is_address_taken(registration):
        raise AlreadyRegistered


def promote_registration(uuid: UUID) -> Registration:
    """Give a seat to one person who waits, even beyond those of the session: the team decides.

    Raises:
        RegistrationRefused: they do not wait any more, or the session is over or cancelled.
    """
    with transaction.atomic():
        registration = lock_registration(uuid)
        session = registration.session
        if registration.state == State.CONFIRMED:
            return registration
        if registration.state != State.WAITING or not gives_seats(session):
            raise RegistrationRefused(session.availability())
        before = session.availability()
        _give_seat(registration)
        send_letter(registration, "promoted")
        _invalidate_pages(session, before)
    return registration


def promoted_after(registration: Registration) -> list[Registration]:
    """Return who would get the seat of a registration if it was cancelled."""
    if registration.state != State.CONFIRMED or not gives_seats(registration.session):
        return []
    return list(_next_waiting(registration.session, freed=1))


def promoted_after_all(leaving: Sequence[Registration]) -> list[Registration]:
    """Return who would get the seats of registrations that are cancelled together."""
    freed = Counter(each.session_id for each in leaving if each.state == State.CONFIRMED)
    sessions = Session.objects.with_seats_taken().filter(pk__in=freed)
    free = {
        each.pk: each.capacity - each.count_seats_taken() + freed[each.pk]
        for each in sessions
        if gives_seats(each) and each.capacity is not None
    }
    waiting = Registration.objects.filter(session__in=free, state=State.WAITING).exclude(
        pk__in=[each.pk for each in leaving]
    )
    promoted = []
    for each in waiting.order_by("queued_at", "pk").select_related("session__page"):
        if free[each.session_id] > 0:
            free[each.session_id] -= 1
            promoted.append(each)
    return promoted


def promote_waiting_list(session: Session) -> list[Registration]:
    """Confirm those who wait for the free seats; the caller has locked the session.

    Returns:
        Those who got one; the caller sends them « promoted ».
    """
    if not gives_seats(session):
        return []
    promoted = list(_next_waiting(session))
    for registration in promoted:
        _give_seat(registration)
    return promoted


def gives_seats(session: Session) -> bool:
    """Return whether a seat of a session is still worth something."""
    begun = session.starts_at <= timezone.now()
    return not (session.is_cancelled or session.is_past or (begun and session.mode == Mode.ONSITE))


def _give_seat(registration: Registration) -> None:
    registration.state = State.CONFIRMED
    registration.confirmed_at = timezone.now()
    registration.save()


def _next_waiting(session: Session, freed: int = 0) -> Iterator[Registration]:
    waiting = session.registrations.filter(state=State.WAITING).order_by("queued_at", "pk")
    if session.capacity is None:
        yield from waiting
        return
    taken = session.registrations.filter(state=State.CONFIRMED).count()
    free = session.capacity - taken + freed
    yield from waiting[: max(0, free)]


def _lock_session(session_id: int) -> Session:
    locked: Session = Session.objects.select_for_update().get(pk=session_id)
    return locked


def lock_registration(uuid: UUID) -> Registration:
    """Return a registration that nobody else changes until the transaction ends."""
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


def send_letter(registration: Registration, kind: str, origin: str = "") -> None:
    """Send an e-mail of :data:`emails.EMAILS`, in the transaction of what it announces."""
    emails.send(registration, emails.EMAILS[kind], origin)
