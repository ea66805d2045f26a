"""The site at work for a while: nothing fails, memory and connections do not grow."""

from __future__ import annotations

import os
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from wagtail.models import Locale

from network.imports.planner import plan_import
from network.imports.reader import read_structures
from network.imports.writer import write_plan
from newsletter import sending
from resources.models import NewsPage
from review.actors import acting
from tests.factories import NewsPageFactory
from tests.factories.contributions import member
from tests.factories.newsletter import validated_issue
from tests.factories.publishing import publish
from tests.faults.accounts import Account
from tests.faults.ledger import settle
from tests.faults.traffic import Traffic

if TYPE_CHECKING:
    from tests.faults.conftest import Measured
    from tests.faults.stack import Stack
    from tests.faults.traffic import Visitors

MINUTES = float(os.environ.get("PARE_SOAK_MINUTES", "0"))
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.faults,
    pytest.mark.skipif(not MINUTES, reason='takes long: make test-faults ARGS="--soak 10"'),
]
HEAD = "external_id,name,type,insee_department,postcode,municipality,verified_on"
SAMPLE_SECONDS = 5
FOUND = 302
WARM_UP = 0.3
"""Share of the time before memory is compared: programs fill what they remember."""
MAX_SLOPE = 1.5
"""How many megabytes a process may grow each minute, once it is warm."""
MAX_CONNECTIONS = 40
SECONDS_TO_SETTLE = 60
"""For each minute of the soak: as long as it lasted."""


def resident(pid: int) -> float | None:
    """Return how many megabytes of memory a process has; None if it has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024
    except (OSError, IndexError):
        return None


def connections() -> int:
    """Return how many connections there are to this database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = 'pare'")
        return int(cursor.fetchone()[0])


def test_soak(stack: Stack, visitors: Visitors, measured: Measured) -> None:
    page = NewsPageFactory()
    editor = Account(stack, member("Direction", "direction-au-travail"))
    memory: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    counts: list[int] = []
    started = time.monotonic()
    issues = 0
    with Traffic(visitors, pause=0.1):
        while (minutes := (time.monotonic() - started) / 60) < MINUTES:
            # By a script and by the editor of the administration, in turn.
            title = f"Une actualité, à la minute {minutes:.2f}"
            if len(counts) % 2:
                assert editor.publish(page, title=title) == FOUND
            else:
                page = NewsPage.objects.get(pk=page.pk)
                page.title = title
                publish(page)
            import_structures(len(counts))
            if minutes >= issues * MINUTES / 3:
                sending.schedule(validated_issue(), None)
                issues += 1
            for name, pid in stack.processes().items():
                # gunicorn ends its processes after some thousands of requests.
                if megabytes := resident(pid):
                    memory[f"{name} ({pid})"].append((minutes, megabytes))
            counts.append(connections())
            time.sleep(SAMPLE_SECONDS)

    assert visitors.failures() == []
    slopes = {}
    for name, samples in memory.items():
        first, last = samples[0][0], samples[-1][0]
        warm = [sample for sample in samples if sample[0] >= first + MINUTES * WARM_UP]
        if last - first < MINUTES / 2:
            continue
        slope, _start = statistics.linear_regression(*zip(*warm, strict=True))
        slopes[name] = slope
        measured.note(**{name: f"{samples[0][1]:.0f} to {warm[-1][1]:.0f} MB, {slope:+.2f} MB/min"})
    # Of a queue that a slow machine has let grow, the letters are counted once they left.
    settled = settle(MINUTES * SECONDS_TO_SETTLE)
    measured.note(
        connections=f"{min(counts)} to {max(counts)}", issues=issues, queue=f"{settled:.0f} s"
    )
    assert max(slopes.values()) < MAX_SLOPE
    assert max(counts) < MAX_CONNECTIONS


def import_structures(number: int) -> None:
    """Import two structures: one that is there and changes, and one that is new."""
    lines = [f"S0,Structure qui change {number}", f"S{number},Structure nouvelle {number}"]
    rows = [f"{line},association,59,59000,Lille,2026-05-02" for line in dict.fromkeys(lines)]
    table = "\n".join([HEAD, *rows[: 2 if number else 1]])
    plan = plan_import(read_structures(table.encode()), Locale.get_default())
    with acting(system="demonstration"):
        write_plan(plan, is_published=True)
