"""What this process has counted since it last wrote: in memory, for a minute at most."""

from __future__ import annotations

import os
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

MAX_DIFFERENT = 10_000
"""How many different things are counted until they are written, should the database be away."""
MAX_WORDS = 2_000
"""How many of them are searches with their words: made-up words must not keep pages out."""


class Read(NamedTuple):
    """A page of the site, at its path."""

    day: date
    path: str


class Download(NamedTuple):
    """A document."""

    day: date
    document_id: int


class Search(NamedTuple):
    """A search; its words are empty where they are never kept."""

    day: date
    words: str
    is_empty: bool


Seen = Read | Download | Search


class Tally:
    """How often each thing was seen; any number of threads may add to it."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start anew, with a lock that nobody holds."""
        self._lock = Lock()
        self._counts: Counter[Seen] = Counter()
        self._worded = 0

    def add(self, seen: Seen, times: int = 1) -> None:
        """Count something, unless there are too many different things already."""
        with self._lock:
            if isinstance(seen, Search) and seen.words and seen not in self._counts:
                # Without its words, a search is still one.
                seen = seen if self._worded < MAX_WORDS else seen._replace(words="")
                self._worded += bool(seen.words)
            if seen in self._counts or len(self._counts) < MAX_DIFFERENT:
                self._counts[seen] += times

    def take(self) -> Counter[Seen]:
        """Return all that was counted, and forget it."""
        with self._lock:
            taken, self._counts, self._worded = self._counts, Counter(), 0
        return taken

    def put_back(self, taken: Mapping[Seen, int]) -> None:
        """Add what could not be written to what was counted meanwhile."""
        for seen, times in taken.items():
            self.add(seen, times)


tally = Tally()
# What its parent counted, the parent writes; and its lock may be held for ever in the child.
os.register_at_fork(after_in_child=tally.reset)
