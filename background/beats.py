"""Processes that work have a name, and show that they are alive."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from background.models import Beat
from background.outages import DATABASE_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime


def process_name() -> str:
    """Return a name that no other worker has or had."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def lease() -> timedelta:
    """Return how long who holds something is believed to be alive without a sign of it."""
    return timedelta(seconds=settings.WORK_LEASE_SECONDS)


def beat_seconds() -> float:
    """Return how often to give a sign of life, and to look for those who give none."""
    return float(settings.WORK_LEASE_SECONDS / 4)


def expired(now: datetime) -> tuple[datetime, datetime]:
    """Return the moments between which the end of a lease is believed.

    One further away was given before the clock was set back.
    """
    return now, now + 2 * lease()


@contextmanager
def beating(name: str, kind: str, renew: Callable[[datetime], object]) -> Iterator[None]:
    """Show that a process is alive, in a thread of its own, until the block ends.

    Args:
        name: of the worker.
        kind: what it does.
        renew: extends what it holds; called with the time now.
    """
    over = threading.Event()
    started_at = timezone.now()

    def beat() -> None:
        while True:
            try:
                close_old_connections()
                now = timezone.now()
                renew(now)
                Beat.objects.update_or_create(
                    name=name, defaults={"kind": kind, "started_at": started_at, "seen_at": now}
                )
            except DATABASE_ERRORS:
                # The loop logs it; what is held runs out unless the database is soon back.
                connection.close()
            if over.wait(beat_seconds()):
                break
        with suppress(*DATABASE_ERRORS):
            close_old_connections()
            Beat.objects.filter(name=name).delete()
        connection.close()

    thread = threading.Thread(target=beat, name=f"beat of {name}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(timeout=beat_seconds())
