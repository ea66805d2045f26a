"""Workers that do tasks to their end: what a dead one had in hand is done again by another.

A task is claimed with a lease, which its worker renews for as long as its process lives. One
whose lease ran out, or that raises, is done again, later each time, and given up after some
attempts. So a task may be done twice, and must be harmless then.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from traceback import format_exception
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist, SuspiciousOperation
from django.db import close_old_connections, transaction
from django.db.models import Q
from django.utils import timezone
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS, TaskContext, TaskResultStatus
from django_tasks.signals import task_finished, task_started
from django_tasks.utils import normalize_json
from django_tasks_db.models import DBTaskResult

from background.beats import beat_seconds, beating, expired, lease, process_name
from background.models import Lease
from background.outages import DATABASE_ERRORS, Patience, insist
from background.registry import LONG

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

ATTEMPTS = 5
FIRST_DELAY = timedelta(minutes=1)
"""Before the second attempt; each one after waits five times as long: over two hours in all."""
IDLE_SECONDS = 1.0
PASSING_OVER = ("wagtail.", "modelsearch.")
"""Whose tasks look for a row that may be deleted meanwhile: then nothing is left to do."""
UNKNOWN_END = "its worker ended without a word"


@dataclass
class TaskWorker:
    """Does tasks one after the other, until it is stopped.

    Attributes:
        stop: set it, and the worker stops after the task in hand.
        is_long: whether it takes the tasks of the long queue, or those of every other; None: all.
        name: unique among workers, dead ones included.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    is_long: bool | None = None
    name: str = field(default_factory=process_name)
    reaps_at: float = 0.0
    in_hand: Any = None

    def run(self, once: bool = False) -> int:
        """Do the tasks that wait, and return how many.

        Args:
            once: return when none is ready, instead of waiting for more.
        """
        done = 0
        patience = Patience(self.stop)
        with beating(self.name, "tasks", self._renew):
            while not self.stop.is_set():
                try:
                    close_old_connections()
                    self._reap_sometimes()
                    worked = self.work()
                    patience.end()
                except DATABASE_ERRORS as error:
                    patience.wait(error)
                    continue
                done += worked
                if worked:
                    continue
                if once:
                    break
                self.stop.wait(IDLE_SECONDS)
        return done

    def _reap_sometimes(self) -> None:
        if monotonic() >= self.reaps_at:
            reap(timezone.now())
            self.reaps_at = monotonic() + beat_seconds()

    def work(self) -> bool:
        """Do one task; return whether there was one."""
        row = self.claim()
        if row is None:
            return False
        try:
            self._do(row)
        finally:
            self.in_hand = None
        return True

    def _do(self, row: DBTaskResult[Any, Any]) -> None:
        """Call the function of a task, and record how it went."""
        outcome: Exception | None = None
        value: Any = None
        try:
            value = self._call(row)
        except ObjectDoesNotExist as error:
            if not row.task_path.startswith(PASSING_OVER):
                outcome = error
        except Exception as error:
            outcome = error
        self._record(row, value, outcome)

    def claim(self) -> DBTaskResult[Any, Any] | None:
        """Take the task that is next, unless others take it."""
        with transaction.atomic():
            row = self._queue().get_locked()
            if row is not None:
                row.claim(self.name)
                until = timezone.now() + lease()
                Lease.objects.update_or_create(
                    task=row, defaults={"worker": self.name, "until": until}
                )
        self.in_hand = row.pk if row is not None else None
        return row

    def _queue(self) -> Any:
        rows = DBTaskResult.objects.ready().filter(backend_name=DEFAULT_TASK_BACKEND_ALIAS)
        if self.is_long is None:
            return rows
        return rows.filter(queue_name=LONG) if self.is_long else rows.exclude(queue_name=LONG)

    def _renew(self, now: datetime) -> None:
        # Not of a task that was claimed as the database went away: nobody here does it.
        if self.in_hand is not None:
            held = Lease.objects.filter(worker=self.name, task=self.in_hand)
            held.update(until=now + lease())

    def _call(self, row: DBTaskResult[Any, Any]) -> Any:
        """Call the function of a task, and return its value as JSON has it."""
        task: Any = row.task
        result: Any = row.task_result
        task_started.send(sender=type(task.get_backend()), task_result=result)
        context = [TaskContext(task_result=result)] if task.takes_context else []
        return normalize_json(task.call(*context, *result.args, **result.kwargs))

    def _record(self, row: DBTaskResult[Any, Any], value: Any, error: Exception | None) -> None:
        """Record how a task went, once the database can be asked."""

        def record() -> None:
            with transaction.atomic():
                # Nobody else has it: what a lease that ran out left is another's to record.
                ours = Lease.objects.select_for_update().filter(task=row, worker=self.name)
                if ours.first() is None:
                    logger.warning("Task %s took too long, and is done again.", row.id)
                elif error is None:
                    ours.delete()
                    row.set_successful(value)
                    send_finished(row)
                else:
                    ours.delete()
                    try_again(row, error)

        # Also where the worker is to stop: the task is done, and should not be done again.
        insist(record, threading.Event(), at_most=lease())


def try_again(row: DBTaskResult[Any, Any], error: Exception | None) -> None:
    """Queue a task that failed again, or give it up after too many attempts.

    Args:
        row: the task, in the caller's transaction.
        error: why it failed; None where its worker died, which does it again at once.
    """
    attempts = len(row.worker_ids)
    name = row.task_path
    if attempts >= ATTEMPTS:
        row.set_failed(error or RuntimeError(UNKNOWN_END))
        logger.error(
            "Task %s (%s) failed %d times and is given up.", row.id, name, attempts, exc_info=error
        )
        send_finished(row)
        return
    wait = FIRST_DELAY * 5 ** (attempts - 1) if error else timedelta(0)
    row.status = TaskResultStatus.READY
    row.run_after = timezone.now() + wait
    row.exception_class_path = (
        f"{type(error).__module__}.{type(error).__qualname__}" if error else ""
    )
    row.traceback = "".join(format_exception(error)) if error else UNKNOWN_END
    row.save(update_fields=["status", "run_after", "exception_class_path", "traceback"])
    logger.warning(
        "Task %s (%s) failed, attempt %d of %d; it is done again.",
        row.id,
        name,
        attempts,
        ATTEMPTS,
        exc_info=error,
    )


def send_finished(row: DBTaskResult[Any, Any]) -> None:
    """Announce the end of a task, unless its function is gone."""
    try:
        result = row.task_result
    except (ImportError, SuspiciousOperation):
        return
    task_finished.send(sender=type(result.task.get_backend()), task_result=result)


def reap(now: datetime) -> int:
    """Queue again the tasks whose worker is dead, and return how many."""
    first, last = expired(now)
    lapsed = Q(lease__until__lt=first) | Q(lease__until__gt=last)
    # Claimed by a worker that knows of no leases, before an upgrade.
    unknown = Q(lease=None, started_at__lt=now - lease())
    dead = DBTaskResult.objects.running().filter(lapsed | unknown)
    if not dead.exists():
        return 0
    with transaction.atomic():
        rows = list(dead.select_for_update(skip_locked=True, of=("self",)))
        for row in rows:
            Lease.objects.filter(task=row).delete()
            try_again(row, None)
    return len(rows)


def task_services() -> dict[str, Callable[[threading.Event], TaskWorker]]:
    """Return what does the tasks of a process: long ones in a thread of their own."""
    return {
        "tasks": lambda stop: TaskWorker(stop, is_long=False),
        "long tasks": lambda stop: TaskWorker(stop, is_long=True),
    }
