"""What should be there and is not: logged now and then, and done without meanwhile."""

from __future__ import annotations

import logging
import threading
from time import monotonic

logger = logging.getLogger(__name__)

LOG_SECONDS = 60
MAX_REMEMBERED = 10_000


class Absences:
    """Things of one kind that failed a moment ago, so that nobody tries them again at once.

    One for each kind and process: a page that many read would try, and log, each time.
    """

    def __init__(self, message: str) -> None:
        """Start without any.

        Args:
            message: what is logged, with places for the thing and for why it failed.
        """
        self.message = message
        self._lock = threading.Lock()
        self._until: dict[object, float] = {}
        self._logged_at = float("-inf")
        self._unlogged = 0

    def __contains__(self, thing: object) -> bool:
        """Return whether a thing failed within the last minute."""
        until = self._until.get(thing)
        return until is not None and monotonic() < until

    def add(self, thing: object, error: Exception) -> None:
        """Record a failure, and log it unless another of the kind was logged a moment ago."""
        now = monotonic()
        with self._lock:
            if len(self._until) >= MAX_REMEMBERED:
                self._until.clear()
            self._until[thing] = now + LOG_SECONDS
            self._unlogged += 1
            if now < self._logged_at + LOG_SECONDS:
                return
            count, self._unlogged, self._logged_at = self._unlogged, 0, now
        logger.error(f"{self.message} (%d of them since the last line)", thing, error, count)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._until.clear()
            self._logged_at = float("-inf")
            self._unlogged = 0
