"""What the door costs: answers composed from items, publications, and items built anew."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from benchmarks.harness import database
from benchmarks.running import django_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

COUNTS = (200, 1000)
"""Of resources: that a rebuild takes five times as long shows that it grows with them."""
TIMES = 30


def run() -> list[str]:
    """Return the figures as lines of Markdown."""
    figures = [_ask(count) for count in COUNTS]
    few, many = COUNTS
    lines = [
        "Computing alone, in one process on PostgreSQL (its own time left out), nothing cached:",
        "",
        f"| | queries | {few} resources | {many} resources | × |",
        "|---|---:|---:|---:|---:|",
    ]
    for name, (milliseconds, queries) in figures[0].items():
        other = figures[1][name][0]
        counted = str(queries) if queries else ""
        lines.append(
            f"| {name} | {counted} | {milliseconds:.1f} ms | {other:.1f} ms"
            f" | {other / milliseconds:.1f} |"
        )
    return lines


def _ask(count: int) -> dict[str, tuple[float, int]]:
    with database() as url, tempfile.TemporaryDirectory(prefix="pare-bench-") as folder:
        environment = {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "RESPONSE_CACHE_SECONDS": "0",
            "VAR_DIR": folder,
        }
        answer: dict[str, Any] = json.loads(
            django_in(environment, f"from benchmarks.door import main as m; m({count})")
        )
    return {name: (figure[0], figure[1]) for name, figure in answer.items()}


def main(count: int) -> None:
    """Print figures as JSON, for the process that measures: milliseconds, and queries."""
    # Django is set up by then.
    from benchmarks.content import make_resources  # noqa: PLC0415
    from core.models import User  # noqa: PLC0415
    from published.rebuilding import rebuild_items  # noqa: PLC0415
    from resources.models import ResourcePage  # noqa: PLC0415

    make_resources(count)
    pages = list(ResourcePage.objects.order_by("pk")[:TIMES])
    editor = User.objects.create_superuser("editrice", "editrice@example.org")
    client = Client(headers={"host": "localhost"})
    answers = {
        "list of 20": ["/api/v1/resources/?limit=20"] * TIMES,
        "detail": [f"/api/v1/resources/{page.pk}/" for page in pages],
        "page of the site": [page.url for page in pages],
    }
    figures = {
        name: _cost([partial(client.get, path) for path in paths])
        for name, paths in answers.items()
    }

    def publish(page: ResourcePage) -> None:
        page.title += " bis"
        page.save_revision(user=editor).publish(user=editor)

    figures["save and publish"] = _cost([partial(publish, page) for page in pages])
    start = time.process_time()
    rebuild_items()
    figures["rebuild of all items"] = ((time.process_time() - start) * 1000, 0)
    json.dump(figures, sys.stdout)


def _cost(calls: Iterable[Callable[[], Any]]) -> tuple[float, int]:
    """Return the median of the milliseconds of some calls, and the queries of the last."""
    first, *others = calls
    first()  # What is kept for a process is not counted, nor is what is made once.
    spent, queries = [], 0
    for call in others:
        cache.clear()
        with CaptureQueriesContext(connection) as counted:
            start = time.process_time()
            call()
            spent.append((time.process_time() - start) * 1000)
        queries = len(counted)
    return statistics.median(spent), queries
