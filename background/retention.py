"""The end of what is left of tasks, and of processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django_tasks_db.models import DBTaskResult

from background.models import Beat

DONE = timedelta(days=1)
"""What was done, and when a process was last seen."""
FAILED = timedelta(days=14)
"""What was given up, with its error."""


def forget_done(before: datetime) -> int:
    """Delete the tasks that were done before a moment, and the processes last seen then."""
    Beat.objects.filter(seen_at__lt=before).delete()
    return int(DBTaskResult.objects.successful().filter(finished_at__lt=before).delete()[0])


def forget_failed(before: datetime) -> int:
    """Delete the tasks that were given up before a moment."""
    return int(DBTaskResult.objects.failed().filter(finished_at__lt=before).delete()[0])
