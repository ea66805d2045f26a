"""Which tests a second engine needs: enough to make each statement that the suite makes.

What a test finds may depend on the engine through the statements that it makes. So the first run
notes them, test by test, and the next takes the cheapest tests that make all of them; those of
which nothing is known, and those that commit, all run.
"""

from __future__ import annotations

import json
import os
import re
import time
from functools import lru_cache
from hashlib import md5
from heapq import heapify, heappop, heappush
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VALUES = re.compile(r"(\(?%s\)?)(, ?\(?%s\)?)+")
"""Of which there may be any number."""
NUMBERED = re.compile(r"\bs\d+_x\d+\b|__cursor_\w+|\d+")
"""What is numbered: savepoints, cursors, aliases, pages of lists."""


@lru_cache(maxsize=50_000)
def shape_of(sql: str, error: str = "") -> int:
    """Return a number that is alike for statements that differ by values, in every process."""
    shape = VALUES.sub("%s", NUMBERED.sub("", sql)) + error
    return int.from_bytes(md5(shape.encode(), usedforsecurity=False).digest()[:6])


class Recorder:
    """Notes the statements of each test, and its time; a plugin of pytest."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tests: dict[str, tuple[float, list[int]]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[Any]:
        shapes: set[int] = set()

        def note(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
            shapes.add(shape_of(sql))
            try:
                return execute(sql, *arguments)
            except Exception as error:
                # What follows a statement that failed depends on the engine.
                shapes.add(shape_of(sql, type(error).__name__))
                raise

        started = time.process_time()
        with connection.execute_wrapper(note):
            result = yield
        self.tests[item.nodeid] = (time.process_time() - started, sorted(shapes))
        return result

    def pytest_sessionfinish(self) -> None:
        if self.tests:
            path = self.folder / f"{os.environ.get('PYTEST_XDIST_WORKER', 'main')}.json"
            path.write_text(json.dumps(self.tests))


def choose(folder: Path) -> tuple[set[str], set[str]]:
    """Return the tests of a recorded run, and the cheapest of them that make all its statements."""
    tests: dict[str, tuple[float, list[int]]] = {}
    for path in sorted(folder.glob("*.json")):
        tests |= json.loads(path.read_text())
    cost = {name: seconds + 0.01 for name, (seconds, _shapes) in tests.items()}
    left = {name: set(shapes) for name, (_seconds, shapes) in tests.items()}
    chosen: set[str] = set()
    # What each test adds only shrinks, so the best of an older count is the best if it still is.
    waiting = [(-len(shapes) / cost[name], name) for name, shapes in left.items() if shapes]
    heapify(waiting)
    done: set[int] = set()
    while waiting:
        rank, name = heappop(waiting)
        left[name] -= done
        now = -len(left[name]) / cost[name]
        if not now:
            continue
        if now > rank and waiting and now > waiting[0][0]:
            heappush(waiting, (now, name))
            continue
        chosen.add(name)
        done |= left[name]
    return set(tests), chosen
