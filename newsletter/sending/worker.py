"""Workers: any number of them, on any number of machines, over one database."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from background.beats import process_name
from background.outages import DATABASE_ERRORS, insist, run_turns
from core.web.links import email_base_url, mail_domain
from newsletter import subscribing
from newsletter.models import Delivery, Mailing, Subscriber
from newsletter.rendering import PersonalLinks, RenderedIssue
from newsletter.sending import start_due
from newsletter.tokens import PREFERENCES, UNSUBSCRIBE, subscriber_url
from outbox import leases
from outbox.transport import Outcome, Result, Transport

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)
State = Delivery.State

BATCH = 50
ATTEMPTS = 8
"""Tries over a day and a half before a temporary refusal is taken for a failure."""
LONGEST_DELAY = timedelta(hours=12)
FARTHEST_SLOT = timedelta(hours=1)
"""How far ahead workers together reserve moments of the rate, at most."""
IDLE_SECONDS = 5.0


@dataclass
class Worker:
    """Claims messages in batches and sends them, until it is stopped.

    Attributes:
        name: unique among workers, dead ones included.
        stop: set it, and the worker stops after the message in hand.
    """

    name: str = field(default_factory=process_name)
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.transport = Transport()
        self.lease = timedelta(seconds=settings.NEWSLETTER_LEASE_SECONDS)
        self.tried = 0

    def run(self, once: bool = False) -> int:
        """Send the messages that are due.

        Args:
            once: return when nothing is left to send now, instead of waiting for more.

        Returns:
            How many messages this worker tried.

        Raises:
            DatabaseError, InterfaceError: the database is away, and it was to be done once.
        """
        try:
            run_turns(self._turn, self.stop, once=once, idle_seconds=IDLE_SECONDS)
        finally:
            # Where the database is away, its leases run out by themselves.
            with suppress(*DATABASE_ERRORS):
                self.release_claims()
            self.transport.close()
        return self.tried

    def _turn(self) -> bool:
        start_due()
        reap_expired_leases()
        sent = self.work()
        self.tried += sent
        finish()
        if not sent:
            # A server drops a connection that is idle.
            self.transport.close()
        return bool(sent)

    def work(self) -> int:
        """Claim one batch and send it; return how many messages were tried."""
        tried = 0
        for mailing in Mailing.objects.filter(state=Mailing.State.SENDING).order_by("started_at"):
            batch = self.claim(mailing)
            if not batch:
                continue
            rendered = RenderedIssue(mailing.subject, mailing.html, mailing.text)
            # Waited for by a clock that nobody sets.
            now, started = timezone.now(), monotonic()
            for moment, delivery in zip(slots(mailing, len(batch)), batch, strict=True):
                if not self._wait((moment - now).total_seconds() - (monotonic() - started)):
                    return tried
                tried += self.deliver(mailing, rendered, delivery)
        return tried

    def claim(self, mailing: Mailing) -> list[int]:
        """Claim pending messages, without those that another worker is claiming."""
        now = timezone.now()
        waiting = Delivery.objects.filter(
            leases.due(now, LONGEST_DELAY), mailing=mailing, state=State.PENDING
        ).order_by("pk")
        return leases.claim(waiting, self._batch_size(mailing), self.name, now + self.lease)

    def _batch_size(self, mailing: Mailing) -> int:
        """Return how many messages fit well within a lease at the mailing's rate."""
        if not mailing.rate_per_minute:
            return BATCH
        within = mailing.rate_per_minute * self.lease.total_seconds() / 60 / 4
        return max(1, min(BATCH, int(within)))

    def _wait(self, seconds: float) -> bool:
        """Wait for a slot of the rate; return whether the worker may go on."""
        return not (self.stop.wait(seconds) if seconds > 0 else self.stop.is_set())

    def deliver(self, mailing: Mailing, rendered: RenderedIssue, key: int) -> int:
        """Send one message if it is still claimed; return whether it was tried."""
        if not self._mark_in_flight(mailing, key):
            return 0
        delivery = Delivery.objects.select_related("subscriber").get(pk=key)
        message = compose(delivery, rendered)
        result = self.transport.send(message)
        # Forgotten, it would be uncertain.
        insist(lambda: self._record_result(delivery, result), self.stop)
        return 1

    def _mark_in_flight(self, mailing: Mailing, key: int) -> bool:
        """Mark a message as in flight, unless the sending or the subscription has ended.

        One statement decides, so that neither a cancellation nor a lease that
        ran out can come in between.
        """
        receiving = Subscriber.objects.receiving()
        ours = Delivery.objects.filter(pk=key, state=State.CLAIMED, claimed_by=self.name)
        now = timezone.now()
        took_off = ours.filter(
            mailing__in=Mailing.objects.filter(pk=mailing.pk, state=Mailing.State.SENDING),
            subscriber__in=receiving,
        ).update(
            state=State.IN_FLIGHT,
            attempts=F("attempts") + 1,
            lease_until=now + self.lease,
        )
        if not took_off:
            ours.exclude(subscriber__in=receiving).update(state=State.SKIPPED, lease_until=None)
        return bool(took_off)

    def _record_result(self, delivery: Delivery, result: Result) -> None:
        """Record the result of a message."""
        changes = _after(delivery, result)
        # Also if its lease ran out meanwhile: this worker is the one that knows.
        Delivery.objects.filter(
            pk=delivery.pk, claimed_by=self.name, state__in=(State.IN_FLIGHT, State.UNCERTAIN)
        ).update(lease_until=None, error=result.detail[:300], **changes)
        if result.outcome == Outcome.NO_SUCH_ADDRESS:
            subscribing.mark_bounced(delivery.subscriber, result.detail)
        elif result.outcome != Outcome.SENT:
            logger.warning("Delivery %s: %s %s", delivery.pk, result.outcome, result.detail)

    def release_claims(self) -> None:
        """Return claimed messages to the queue."""
        Delivery.objects.filter(state=State.CLAIMED, claimed_by=self.name).update(
            state=State.PENDING, claimed_by="", lease_until=None
        )


def _after(delivery: Delivery, result: Result) -> dict[str, object]:
    now = timezone.now()
    match result.outcome:
        case Outcome.SENT:
            return {"state": State.SENT, "sent_at": now}
        case Outcome.RETRY if delivery.attempts < ATTEMPTS:
            return {"state": State.PENDING, "next_attempt_at": now + delay(delivery.attempts)}
        case Outcome.UNCERTAIN:
            return {"state": State.UNCERTAIN}
        case Outcome.NO_SUCH_ADDRESS:
            return {"state": State.BOUNCED}
        case _:
            return {"state": State.FAILED}


def delay(attempts: int) -> timedelta:
    """Return the delay before the next try, twice as long each time."""
    first = timedelta(seconds=settings.NEWSLETTER_RETRY_SECONDS)
    return leases.retry_delay(attempts, first, LONGEST_DELAY)


def slots(mailing: Mailing, count: int) -> Iterator[datetime]:
    """Reserve the slots of so many messages, over all workers together."""
    now = timezone.now()
    if not mailing.rate_per_minute:
        return iter([now] * count)
    step = timedelta(minutes=1) / mailing.rate_per_minute
    with transaction.atomic():
        row = Mailing.objects.select_for_update().only("next_slot").get(pk=mailing.pk)
        first = row.next_slot or now
        # One that lies further away was reserved before the clock was set back.
        if not now < first < now + FARTHEST_SLOT:
            first = now
        Mailing.objects.filter(pk=mailing.pk).update(next_slot=first + step * count)
    return iter([first + step * number for number in range(count)])


def reap_expired_leases(now: datetime | None = None) -> int:
    """Mark messages in flight as uncertain, and queue claimed ones, where a lease ran out.

    Returns:
        How many messages became uncertain.
    """
    now = now or timezone.now()
    lease = timedelta(seconds=settings.NEWSLETTER_LEASE_SECONDS)
    late = Delivery.objects.filter(leases.lapsed(now, lease))
    late.filter(state=State.CLAIMED).update(state=State.PENDING, claimed_by="", lease_until=None)
    return late.filter(state=State.IN_FLIGHT).update(state=State.UNCERTAIN, lease_until=None)


def finish() -> None:
    """Close the sendings without open deliveries."""
    left = Delivery.objects.filter(state__in=Delivery.OPEN).values("mailing")
    Mailing.objects.filter(state=Mailing.State.SENDING).filter(~Q(pk__in=left)).update(
        state=Mailing.State.SENT, finished_at=timezone.now()
    )


def compose(delivery: Delivery, rendered: RenderedIssue) -> EmailMultiAlternatives:
    """Build the message of one delivery; tried again, it is the same message.

    Headers: RFC 8058 (one-click), RFC 2369 and 2919 (lists), RFC 3834 (no
    automatic answers).
    """
    subscriber = delivery.subscriber
    origin = email_base_url()
    leave = subscriber_url(UNSUBSCRIBE, subscriber, origin)
    html, text = rendered.personalise(
        PersonalLinks(leave, subscriber_url(PREFERENCES, subscriber, origin))
    )
    domain = mail_domain()
    message = EmailMultiAlternatives(
        rendered.subject,
        text,
        settings.NEWSLETTER_FROM_EMAIL,
        [subscriber.email],
        headers={
            "Message-ID": f"<{delivery.uuid.hex}.lettre@{domain}>",
            "List-Id": f"Lettre du Projet PARE <lettre.{domain}>",
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Precedence": "bulk",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(html, "text/html")
    return message
