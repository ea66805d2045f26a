"""From memory to the database: each minute, in a thread, so that no reader waits for it."""

from __future__ import annotations

import atexit
import logging
import os
from collections import defaultdict
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import Error, connections, transaction

from figures.increments import increment
from figures.models import DailyTotal
from figures.tally import Download, Read, Search, tally
from figures.words import write_words
from network.models import Structure
from published.paths import normalise_path
from published.queries import items_of, page_items

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from figures.tally import Seen

logger = logging.getLogger(__name__)

Counted = DailyTotal.Counted
LAST_SECONDS = 5
"""How long a process that ends waits for its thread."""


def flush() -> None:
    """Write what was counted; what can't be written now waits in memory for the next time."""
    taken = tally.take()
    if not taken:
        return
    try:
        with transaction.atomic():
            write(taken)
    except Error as error:
        tally.put_back(taken)
        # Its message may have the words of a search.
        logger.warning("The figures are not written yet: %s", type(error).__name__)


def write(seen: Mapping[Seen, int]) -> None:
    """Add what was seen to the totals of its days."""
    reads = [each for each in seen if isinstance(each, Read)]
    things = things_at({normalise_path(each.path) for each in reads})
    totals: dict[tuple[date, str, int], int] = defaultdict(int)
    for each, times in seen.items():
        if isinstance(each, Read):
            if found := things.get(normalise_path(each.path)):
                totals[each.day, *found] += times
        elif isinstance(each, Download):
            totals[each.day, Counted.DOCUMENT.value, each.document_id] += times
        else:
            totals[each.day, Counted.SEARCH.value, 0] += times
            if each.is_empty:
                totals[each.day, Counted.EMPTY_SEARCH.value, 0] += times
    increment(
        DailyTotal,
        ("day", "counted", "thing_id"),
        {key: {"total": times} for key, times in totals.items()},
    )
    write_words({each: times for each, times in seen.items() if isinstance(each, Search)})


def things_at(paths: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return what is public at paths: a page or a structure, and its key."""
    paths = list(paths)
    found: dict[str, tuple[str, int]] = {}
    for kind, rows in (
        (Counted.STRUCTURE, items_of(Structure)),
        (Counted.PAGE, page_items()),
    ):
        shown = rows.filter(path__in=paths).values_list("path", "thing_id")
        found |= {path: (kind.value, key) for path, key in shown}
    return found


class Writer:
    """The thread of this process that writes, made by the first reader."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start anew: threads do not follow into the child of a process."""
        self._lock = Lock()
        self._is_over = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        """Start the thread, unless it runs or the settings want none."""
        if self._thread is not None or not settings.FIGURES_FLUSH_SECONDS:
            return
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._run, name="figures", daemon=True)
                self._thread.start()
                atexit.register(self.finish)

    def _run(self) -> None:
        while not self._is_over.wait(settings.FIGURES_FLUSH_SECONDS):
            try:
                flush()
            except Exception as error:
                # A thread that ends counts nothing any more; the words of a search stay unlogged.
                logger.error("The figures of a minute are lost: %s", type(error).__name__)
            finally:
                connections.close_all()

    def finish(self) -> None:
        """Write what is left, when the process ends."""
        self._is_over.set()
        if self._thread is not None:
            self._thread.join(LAST_SECONDS)
        flush()
        connections.close_all()


writer = Writer()
os.register_at_fork(after_in_child=writer.reset)
