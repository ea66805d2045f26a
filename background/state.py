"""How the work goes, for who looks after the site."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Min
from django_tasks_db.models import DBTaskResult, get_date_max

from background.beats import lease
from background.models import Beat, Job
from background.registry import periodic_commands

LATE = timedelta(minutes=30)


class JobState(NamedTuple):
    """A command that runs by the clock, its row if there is one yet, and whether it is late."""

    name: str
    row: Job | None
    is_late: bool


class TaskState(NamedTuple):
    """How many tasks wait, since when, and how many were given up."""

    waiting: int
    waiting_since: datetime | None
    failed: int


def job_states(now: datetime) -> list[JobState]:
    """Return what runs by the clock here, and how it last went.

    One is late half an hour after its time, or when it never ran.
    """
    rows = Job.objects.in_bulk()
    states = []
    for command in periodic_commands():
        row = rows.get(command.name)
        states.append(JobState(command.name, row, row is None or row.next_at < now - LATE))
    return states


def task_state() -> TaskState:
    """Return how many tasks could be done now and are not, and how many were given up."""
    ready = DBTaskResult.objects.ready()
    return TaskState(
        waiting=ready.count(),
        waiting_since=ready.filter(run_after=get_date_max()).aggregate(at=Min("enqueued_at"))["at"],
        failed=DBTaskResult.objects.failed().count(),
    )


def alive(kind: str, now: datetime) -> list[Beat]:
    """Return the workers (``tasks``) or the schedulers (``scheduler``) that are alive."""
    return list(Beat.objects.filter(kind=kind, seen_at__gte=now - lease()).order_by("started_at"))
