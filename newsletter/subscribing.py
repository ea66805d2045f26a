"""The rules of subscribing: the website, the API, imports and mail servers all go through these."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language

from core.email_addresses import normalize_email
from core.throttling import claim
from newsletter import emails
from newsletter.consent import CONSENT_VERSION
from newsletter.models import Consent, Subscriber, Suppression
from newsletter.models.subscribers import digest_of
from outbox.letters import describe_letters, erase_letters, hurry_letter_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from uuid import UUID

    from core.models import StructureType, Territory, Theme
    from newsletter.emails import SubscriberLetter

State = Subscriber.State
WRITE_AGAIN_SECONDS = 600
"""How long an address that is asked for again and again is left in peace."""
SOFT_BOUNCES = 5
"""How many temporary failures in a row make an address that does not work."""


@dataclass(frozen=True)
class SubscriptionRequest:
    """A request to subscribe: an address, a profile and themes."""

    email: str
    role: str = ""
    first_name: str = ""
    last_name: str = ""
    structure_name: str = ""
    structure_type: StructureType | None = None
    department: Territory | None = None
    themes: Sequence[Theme] = ()
    language: str = settings.LANGUAGE_CODE


def request_subscription(
    requested: SubscriptionRequest, way: Consent.Way, source: str = ""
) -> None:
    """Record a request to subscribe, and send the e-mail that follows.

    The caller can't learn whether the address was known: what is done for it costs the same. What
    a stranger types about a known address changes nothing of it.
    """
    email = normalize_email(requested.email)
    # Asked for twice at the same time: the other request writes.
    with suppress(IntegrityError), transaction.atomic():
        known = Subscriber.objects.select_for_update().filter(email=email).first()
        if known is None:
            with transaction.atomic():
                subscriber = _make(email, requested)
        else:
            subscriber = known
            with taken_back():
                _make(f"{uuid4().hex}@invalid", requested)
        if subscriber.state in {State.ACTIVE, State.PAUSED}:
            with taken_back():
                _keep_consent(subscriber, way, source)
            _write(subscriber, emails.ALREADY)
        else:
            with transaction.atomic():
                _keep_consent(subscriber, way, source)
            _write(subscriber, emails.CONFIRM)


class _TakenBack(Exception):
    """Ends what is not to stay."""


@contextmanager
def taken_back() -> Iterator[None]:
    """Do something and take it back: who waits for the answer must not learn that it was idle."""
    with suppress(_TakenBack), transaction.atomic():
        yield
        raise _TakenBack


def _make(email: str, requested: SubscriptionRequest) -> Subscriber:
    subscriber = Subscriber.objects.create(
        email=email,
        role=requested.role,
        first_name=requested.first_name,
        last_name=requested.last_name,
        structure_name=requested.structure_name,
        structure_type=requested.structure_type,
        department=requested.department,
        language=requested.language,
    )
    subscriber.themes.set(requested.themes)
    return subscriber


def _keep_consent(subscriber: Subscriber, way: Consent.Way, source: str) -> None:
    """Replace unconfirmed consents by this one: they prove nothing."""
    subscriber.consents.create(way=way)
    # There is always one to delete: that there was another takes no longer.
    subscriber.consents.filter(confirmed_at=None).delete()
    subscriber.consents.create(way=way, text_version=CONSENT_VERSION, source=source)


def _write(subscriber: Subscriber, letter: SubscriberLetter) -> None:
    """Write to an address, unless the same letter is on its way or another has just left.

    What is asked is asked of the address, so that it is the same whether it is known.
    """
    if hurry_letter_to(subscriber.email, letter.kind):
        return
    if claim("newsletter", subscriber.email, WRITE_AGAIN_SECONDS):
        letter.send(subscriber)


@transaction.atomic
def confirm(uuid: UUID) -> Subscriber | None:
    """Activate the subscription of an address; a second call changes nothing.

    Returns:
        The subscriber, or ``None`` if they were erased meanwhile.
    """
    subscriber = Subscriber.objects.select_for_update().filter(uuid=uuid).first()
    if subscriber is None or subscriber.state == State.ERASED:
        return None
    if subscriber.state in {State.PENDING, State.UNSUBSCRIBED, State.BOUNCED}:
        waiting = subscriber.consents.filter(confirmed_at=None)
        if not waiting.exists():
            return subscriber
        now = timezone.now()
        waiting.update(confirmed_at=now)
        subscriber.state, subscriber.confirmed_at = State.ACTIVE, now
        subscriber.left_at, subscriber.left_reason, subscriber.soft_bounces = None, "", 0
        subscriber.save()
        Suppression.objects.filter(digest=digest_of(subscriber.email)).delete()
        emails.WELCOME.send(subscriber)
    return subscriber


@transaction.atomic
def ask_for_link(email: str) -> None:
    """Send their link to a subscriber, and to anyone else that there is none.

    The caller can't learn who is one.
    """
    email = normalize_email(email)
    # Who left may want to be erased.
    subscriber = Subscriber.objects.filter(email=email).exclude(state=State.PENDING).first()
    if subscriber is None:
        nobody = Subscriber(email=email, language=get_language() or settings.LANGUAGE_CODE)
        _write(nobody, emails.UNKNOWN)
    else:
        _write(subscriber, emails.PREFERENCES)


def send_fresh_link(subscriber: Subscriber) -> None:
    """Send a subscriber their link anew, who has an old one."""
    ask_for_link(subscriber.email)


def announce_new_address(subscriber: Subscriber, old: str) -> None:
    """Write to the address that a subscription had that it has another."""
    before = copy(subscriber)
    before.email = old
    emails.ADDRESS_CHANGED.send(before)


def unsubscribe(subscriber: Subscriber, reason: str) -> bool:
    """End a subscription; queued messages are skipped.

    Returns:
        Whether they had been getting it.
    """
    return _leave(subscriber, State.UNSUBSCRIBED, reason)


def mark_bounced(subscriber: Subscriber, reason: str) -> bool:
    """End the subscription of an address that does not exist (any more)."""
    return _leave(subscriber, State.BOUNCED, reason)


def mark_soft_bounce(subscriber: Subscriber, reason: str) -> None:
    """Count a temporary failure, and end the subscription after several in a row."""
    subscriber.soft_bounces += 1
    Subscriber.objects.filter(pk=subscriber.pk).update(soft_bounces=subscriber.soft_bounces)
    if subscriber.soft_bounces >= SOFT_BOUNCES:
        mark_bounced(subscriber, reason)


def mark_complained(subscriber: Subscriber) -> bool:
    """End the subscription of a person who reported spam."""
    return _leave(subscriber, State.UNSUBSCRIBED, "complaint")


def _leave(subscriber: Subscriber, state: Subscriber.State, reason: str) -> bool:
    now = timezone.now()
    with transaction.atomic():
        gone = (
            Subscriber.objects.filter(pk=subscriber.pk)
            .exclude(state__in=(State.UNSUBSCRIBED, State.ERASED, state))
            .update(state=state, left_at=now, left_reason=reason[:200], paused_until=None)
        )
        if gone and subscriber.email:
            Suppression.objects.get_or_create(digest=digest_of(subscriber.email))
    subscriber.refresh_from_db()
    return bool(gone)


@transaction.atomic
def erase(subscriber: Subscriber) -> None:
    """Erase a person; only a keyed digest stays, so that no import brings them back.

    GDPR article 17. The dates of their consents stay: they prove that what was
    sent had been asked for, and name nobody.
    """
    subscriber = Subscriber.objects.select_for_update().get(pk=subscriber.pk)
    if subscriber.email:
        Suppression.objects.get_or_create(digest=digest_of(subscriber.email))
    subscriber.email = subscriber.role = subscriber.first_name = subscriber.last_name = ""
    subscriber.structure_name = subscriber.left_reason = ""
    subscriber.structure_type = subscriber.department = subscriber.paused_until = None
    subscriber.state = State.ERASED
    subscriber.left_at = subscriber.left_at or timezone.now()
    subscriber.save()
    subscriber.themes.clear()
    subscriber.consents.update(source="")
    erase_letters(subscriber)


def export_personal_data(subscriber: Subscriber) -> dict[str, Any]:
    """Return all data about a person (GDPR articles 15 and 20), ready for JSON."""
    columns = ("email", "role", "first_name", "last_name", "structure_name", "language", "state")
    moments = ("paused_until", "created_at", "confirmed_at", "left_at")
    return {
        **{name: getattr(subscriber, name) for name in columns},
        **{name: _iso(getattr(subscriber, name)) for name in moments},
        "structure_type": subscriber.structure_type and subscriber.structure_type.label,
        "department": subscriber.department and subscriber.department.code,
        "themes": [theme.label for theme in subscriber.themes.all()],
        "consents": [
            {
                "way": consent.way,
                "text_version": consent.text_version,
                "source": consent.source,
                "given_at": _iso(consent.given_at),
                "confirmed_at": _iso(consent.confirmed_at),
            }
            for consent in subscriber.consents.all()
        ],
        "letters": describe_letters(subscriber),
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
