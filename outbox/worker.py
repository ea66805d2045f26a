"""Workers: any number of them, on any number of machines, over one database.

The promise: **a letter that was written is sent, at least once**. It waits in the transaction of
what it announces; a worker claims it for a while, and what a dead worker had in hand is sent again
under the same Message-ID, which mail readers show once.
"""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from background.beats import process_name
from background.outages import DATABASE_ERRORS, insist, run_turns
from outbox import leases
from outbox.models import WITHOUT_TEXTS, OutgoingEmail
from outbox.transport import Outcome, Result, Transport
from outbox.writing import clean, compose

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

logger = logging.getLogger(__name__)
State = OutgoingEmail.State

BATCH = 20
LONGEST_DELAY = timedelta(hours=1)
IDLE_SECONDS = 2.0


@dataclass
class Worker:
    """Claims letters in batches and sends them, until it is stopped.

    Attributes:
        stop: set it, and the worker stops after the message in hand.
        name: unique among workers, dead ones included.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    name: str = field(default_factory=process_name)

    def __post_init__(self) -> None:
        self.transport = Transport()
        self.lease = timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
        self.tried = 0

    def run(self, once: bool = False) -> int:
        """Send the letters that are due.

        Args:
            once: return when nothing is left to send now, instead of waiting for more.

        Returns:
            How many letters this worker tried.

        Raises:
            DatabaseError, InterfaceError: the database is away, and it was to be done once.
        """
        try:
            run_turns(self.work, self.stop, once=once, idle_seconds=IDLE_SECONDS)
        finally:
            self.close()
        return self.tried

    def close(self) -> None:
        """Give up what was claimed, and the connection to the mail server."""
        # Where the database is away, its leases run out by themselves.
        with suppress(*DATABASE_ERRORS):
            self.release_claims()
        self.transport.close()

    def work(self) -> bool:
        """Claim one batch and send it; return whether more may be due at once."""
        reap_expired_leases()
        keys = self.claim()
        if not keys:
            # A server drops a connection that is idle.
            self.transport.close()
        return bool(keys) and self.send(keys)

    def claim(self, among: Sequence[int] | None = None) -> list[int]:
        """Claim letters that are due, of all or among some, and return their keys."""
        now = timezone.now()
        due = OutgoingEmail.objects.filter(leases.due(now, LONGEST_DELAY), state=State.WAITING)
        if among is not None:
            due = due.filter(pk__in=among)
        rows = due.order_by("next_attempt_at", "pk")
        return leases.claim(rows, BATCH, self.name, now + self.lease)

    def send(self, keys: Sequence[int]) -> bool:
        """Send claimed letters; return whether the mail server is there."""
        for key in keys:
            if self.stop.is_set():
                break
            if not self.deliver(key).was_answered:
                # The others would wait for it as long, each of them.
                self.release_claims()
                return False
        return True

    def deliver(self, key: int) -> Result:
        """Send one letter if it is still to be sent, and record what became of it."""
        row = self._take(key)
        if row is None:
            return Result(Outcome.SENT)
        self.tried += 1
        result = self._hand_over(row)
        # Forgotten, it would be sent again.
        insist(lambda: self._record(row, result), self.stop)
        return result

    def _take(self, key: int) -> OutgoingEmail | None:
        """Renew the lease of a letter, unless it was cancelled or the lease ran out."""
        now = timezone.now()
        ours = OutgoingEmail.objects.filter(pk=key, state=State.CLAIMED, claimed_by=self.name)
        if ours.filter(expires_at__lte=now).cancel():
            return None
        if not ours.update(attempts=F("attempts") + 1, lease_until=now + self.lease):
            return None
        return OutgoingEmail.objects.filter(pk=key).first()

    def _hand_over(self, row: OutgoingEmail) -> Result:
        try:
            message = compose(row)
            message.message()
        except Exception as error:
            # One letter that can't be sent keeps no other waiting.
            logger.exception("Letter %s can't be composed", row.pk)
            return Result(Outcome.REFUSED, f"{type(error).__name__}: {error}"[:300])
        return self.transport.send(message)

    def _record(self, row: OutgoingEmail, result: Result) -> None:
        if result.outcome == Outcome.SENT:
            # Whatever happened to its lease meanwhile: this worker knows.
            OutgoingEmail.objects.filter(pk=row.pk).exclude(state=State.SENT).update(
                state=State.SENT, error="", **_ended(), **WITHOUT_TEXTS
            )
            return
        logger.warning("Letter %s (%s): %s", row.pk, row.kind, result.outcome)
        OutgoingEmail.objects.filter(pk=row.pk, state=State.CLAIMED, claimed_by=self.name).update(
            error=clean(result.detail)[:300], **_after(row, result)
        )

    def release_claims(self) -> None:
        """Return claimed letters to the queue."""
        OutgoingEmail.objects.filter(state=State.CLAIMED, claimed_by=self.name).update(
            state=State.WAITING, claimed_by="", lease_until=None
        )


def _ended() -> dict[str, Any]:
    return {"ended_at": timezone.now(), "claimed_by": "", "lease_until": None}


def _after(row: OutgoingEmail, result: Result) -> dict[str, Any]:
    if result.outcome in {Outcome.REFUSED, Outcome.NO_SUCH_ADDRESS}:
        return {"state": State.REFUSED, **_ended()}
    now = timezone.now()
    if now >= row.retry_until:
        return {"state": State.FAILED, **_ended()}
    return {
        "state": State.WAITING,
        "next_attempt_at": now + delay(row.attempts),
        "claimed_by": "",
        "lease_until": None,
    }


def delay(attempts: int) -> timedelta:
    """Return the delay before the next try: a minute, then twice as long, up to an hour."""
    first = timedelta(seconds=settings.OUTBOX_RETRY_SECONDS)
    return leases.retry_delay(attempts, first, LONGEST_DELAY)


def reap_expired_leases(now: datetime | None = None) -> int:
    """Queue what dead workers had in hand, and give up what no worker survived for two days.

    Returns:
        How many letters are sent again.
    """
    now = now or timezone.now()
    lease = timedelta(seconds=settings.OUTBOX_LEASE_SECONDS)
    late = OutgoingEmail.objects.filter(leases.lapsed(now, lease), state=State.CLAIMED)
    late.filter(attempts__gt=0, retry_until__lt=now).update(state=State.FAILED, **_ended())
    return late.update(state=State.WAITING, claimed_by="", lease_until=None)


def send_now(keys: Sequence[int]) -> None:
    """Send letters in this process, where no other does (``OUTBOX_IMMEDIATE``)."""
    worker = Worker()
    try:
        worker.send(worker.claim(keys))
    finally:
        worker.close()
