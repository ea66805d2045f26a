"""Loops that outlive the database being restarted."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from django.db import connections

from background.beats import DATABASE_ERRORS, OURS

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

logger = logging.getLogger(__name__)
T = TypeVar("T")

RECONNECT_SECONDS = 2.0
LOG_SECONDS = 60.0
"""How often the log has it that the database is away."""


class Outage:
    """A database that is away: logged once a minute, with what it answered."""

    def __init__(self) -> None:
        self.logged_at: float | None = None

    def wait(self, error: Exception, stop: threading.Event) -> None:
        """Drop the connections, and wait a moment before another try.

        Raises:
            Exception: the error, if the program is at fault and not the database.
        """
        if isinstance(error, OURS):
            raise error
        with suppress(*DATABASE_ERRORS):
            connections.close_all()
        now = time.monotonic()
        if self.logged_at is None or now - self.logged_at >= LOG_SECONDS:
            logger.warning("The database is away; waiting for it: %s", str(error).strip())
            self.logged_at = now
        stop.wait(RECONNECT_SECONDS)

    def end(self) -> None:
        """Log that the database is back, if it was away."""
        if self.logged_at is not None:
            logger.warning("The database is back.")
            self.logged_at = None


def run_turns(
    turn: Callable[[], bool], stop: threading.Event, *, once: bool, idle_seconds: float
) -> None:
    """Take turns until stopped, however often the database goes away.

    Args:
        turn: does what is due; returns whether more may be due at once.
        stop: set it, and no other turn begins.
        once: return when nothing is due, instead of waiting for more.
        idle_seconds: how long to wait when nothing is due.

    Raises:
        DatabaseError, InterfaceError: the database is away, and it was to be done once.
    """
    outage = Outage()
    while not stop.is_set():
        try:
            has_more = turn()
        except DATABASE_ERRORS as error:
            if once:
                raise
            outage.wait(error, stop)
            continue
        outage.end()
        if not has_more:
            if once:
                return
            stop.wait(idle_seconds)


def insist(call: Callable[[], T], stop: threading.Event) -> T:
    """Do what must not be forgotten, again until the database takes it.

    Raises:
        DatabaseError, InterfaceError: the database is away, and the worker is to stop.
    """
    outage = Outage()
    while True:
        try:
            done = call()
        except DATABASE_ERRORS as error:
            if stop.is_set():
                raise
            outage.wait(error, stop)
        else:
            outage.end()
            return done
