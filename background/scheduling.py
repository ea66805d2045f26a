"""The scheduler: runs commands by the clock, each once however many schedulers there are."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from traceback import format_exception

from django.core.management import call_command
from django.db import close_old_connections, connections
from django.db.models import F, Q
from django.utils import timezone

from background.beats import beating, expired, lease, process_name
from background.models import Job
from background.outages import DATABASE_ERRORS, Patience, insist
from background.registry import PeriodicCommand, periodic_commands

logger = logging.getLogger(__name__)

TICK_SECONDS = 5.0
FIRST_DELAY = timedelta(minutes=1)
"""Before what failed runs again; twice as long each time, up to its period."""
SLACK = timedelta(hours=1)
FINISH_SECONDS = 60
"""How long the end waits for what runs. It is run again where it was not finished."""


@dataclass
class Scheduler:
    """Starts what is due, each in a thread of its own, so that nothing waits for what takes long.

    Attributes:
        stop: set it, and the scheduler starts nothing more and waits for what runs.
        name: unique among schedulers, dead ones included.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    name: str = field(default_factory=process_name)
    commands: list[PeriodicCommand] = field(default_factory=periodic_commands)
    threads: list[threading.Thread] = field(default_factory=list)
    in_hand: set[str] = field(default_factory=set)

    def run(self) -> None:
        """Start what is due until it is stopped."""
        patience = Patience(self.stop)
        with beating(self.name, "scheduler", self._renew):
            while not self.stop.is_set():
                try:
                    close_old_connections()
                    self.start_due(timezone.now())
                    patience.end()
                except DATABASE_ERRORS as error:
                    patience.wait(error)
                    continue
                self.stop.wait(TICK_SECONDS)
            self.join(FINISH_SECONDS)

    def join(self, seconds: float | None = None) -> None:
        """Wait for what runs, so many seconds at most."""
        ends_at = timezone.now() + timedelta(seconds=seconds or 0)
        for thread in self.threads:
            left = (ends_at - timezone.now()).total_seconds()
            thread.join(None if seconds is None else max(0.0, left))

    def start_due(self, now: datetime) -> list[str]:
        """Start what is due, and return its names."""
        self.threads = [thread for thread in self.threads if thread.is_alive()]
        started = []
        for command in self.commands:
            if not self.claim(command, now):
                continue
            thread = threading.Thread(
                target=self._run_in_thread, args=(command,), name=command.name, daemon=True
            )
            self.threads.append(thread)
            thread.start()
            started.append(command.name)
        return started

    def claim(self, command: PeriodicCommand, now: datetime) -> bool:
        """Take a command that is due, unless another scheduler has it; return whether it is ours.

        A moment further away than its period was set before the clock went back: it is set anew.
        """
        rows = Job.objects.filter(name=command.name)
        first = command.first_after(now)
        if not rows.exists():
            Job.objects.get_or_create(name=command.name, defaults={"next_at": first})
        rows.filter(next_at__gt=now + command.period + SLACK).update(next_at=first)
        lapsed, believed = expired(now)
        free = Q(lease_until=None) | Q(lease_until__lt=lapsed) | Q(lease_until__gt=believed)
        claimed = rows.filter(free, next_at__lte=now).update(
            runner=self.name, lease_until=now + lease(), started_at=now
        )
        if claimed:
            self.in_hand.add(command.name)
        return bool(claimed)

    def _renew(self, now: datetime) -> None:
        # Not of one that was claimed as the database went away: nobody here runs it.
        held = Job.objects.filter(runner=self.name, name__in=list(self.in_hand))
        held.exclude(lease_until=None).update(lease_until=now + lease())

    def _run_in_thread(self, command: PeriodicCommand) -> None:
        try:
            self.run_command(command)
        finally:
            self.in_hand.discard(command.name)
            connections.close_all()

    def run_command(self, command: PeriodicCommand) -> None:
        """Run a command that is ours, and record how it went."""
        output = StringIO()
        outcome: BaseException | None = None
        try:
            call_command(command.name, stdout=output, stderr=output)
        except (Exception, SystemExit) as error:
            outcome = error
            logger.exception("%s failed, and runs again.", command.name)
        else:
            logger.info("%s: %s", command.name, " ".join(output.getvalue().split()) or "done")
        # Also where the scheduler is to stop: what is done should not be done again. Once its
        # lease ran out, it is run again.
        insist(lambda: self._record(command, outcome), threading.Event(), at_most=lease())

    def _record(self, command: PeriodicCommand, error: BaseException | None) -> None:
        now = timezone.now()
        ours = Job.objects.filter(name=command.name, runner=self.name)
        if error is None:
            ours.update(
                finished_at=now,
                succeeded_at=now,
                failures=0,
                error="",
                lease_until=None,
                next_at=command.next_after(now),
            )
            return
        failures = ours.values_list("failures", flat=True).first() or 0
        wait = min(FIRST_DELAY * 2 ** min(failures, 20), command.period)
        ours.update(
            finished_at=now,
            failures=F("failures") + 1,
            error="".join(format_exception(error)),
            lease_until=None,
            next_at=now + wait,
        )
