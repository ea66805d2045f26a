"""A database that is away: what workers do until it is back."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    connections,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from datetime import timedelta

logger = logging.getLogger(__name__)
T = TypeVar("T")

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
LOG_SECONDS = 60.0
"""How often the log has it that the database is away."""
DATABASE_ERRORS = (DatabaseError, InterfaceError)
"""What a connection that was lost raises, and more: psycopg has no error of its own for it."""
_OURS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)


def is_away(error: BaseException | None) -> bool:
    """Return whether an error is that of a database that is away, and no fault of the program."""
    return isinstance(error, DATABASE_ERRORS) and not isinstance(error, _OURS)


class Patience:
    """Waiting for a database that is away: longer each time, until it answers."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop
        self.seconds = 0.0
        self._logged_at: float | None = None

    def wait(self, error: Exception) -> None:
        """Drop the connections, and wait before another try.

        Raises:
            Exception: the error, if the program is at fault and not the database.
        """
        if not is_away(error):
            raise error
        with suppress(*DATABASE_ERRORS):
            connections.close_all()
        now = time.monotonic()
        if self._logged_at is None or now - self._logged_at >= LOG_SECONDS:
            logger.warning("The database is away; waiting for it: %s", str(error).strip())
            self._logged_at = now
        pause = self.seconds * 2 or FIRST_PAUSE_SECONDS
        self.seconds = min(pause, LONGEST_PAUSE_SECONDS)
        self.stop.wait(self.seconds)

    def end(self) -> None:
        """Log that the database is back, if it was away."""
        if self._logged_at is not None:
            logger.warning("The database is back.")
        self.seconds, self._logged_at = 0.0, None


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
    patience = Patience(stop)
    while not stop.is_set():
        try:
            has_more = turn()
        except DATABASE_ERRORS as error:
            if once:
                raise
            patience.wait(error)
            continue
        patience.end()
        if not has_more:
            if once:
                return
            stop.wait(idle_seconds)


def insist(call: Callable[[], T], stop: threading.Event, at_most: timedelta | None = None) -> T:
    """Do what must not be forgotten, again until the database takes it.

    Args:
        call: does it.
        stop: set it, and it is not tried again.
        at_most: how long it is tried.

    Raises:
        DatabaseError, InterfaceError: the database is away, and it is not to be tried again.
    """
    patience = Patience(stop)
    began = time.monotonic()
    while True:
        try:
            done = call()
        except DATABASE_ERRORS as error:
            took = time.monotonic() - began
            if stop.is_set() or (at_most is not None and took > at_most.total_seconds()):
                raise
            patience.wait(error)
        else:
            patience.end()
            return done
