"""Processes are killed, told to stop, or have a clock that jumps."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from background.models import Job
from newsletter import sending
from newsletter.models import Delivery, Mailing
from outbox.models import OutgoingEmail
from tests.background.tasks import hold
from tests.factories.newsletter import validated_issue
from tests.faults.ledger import settle, sweep
from tests.faults.sink import Mode, Stage
from tests.faults.stack import LONGEST, wait_until
from tests.faults.traffic import Traffic

if TYPE_CHECKING:
    from tests.faults.conftest import Measured
    from tests.faults.stack import Stack
    from tests.faults.traffic import Visitors

pytestmark = [pytest.mark.postgres, pytest.mark.faults, pytest.mark.long_faults]
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
AHEAD = "+20h"
THREADS = 8


def kill_held(stack: Stack) -> None:
    """Kill the worker whose message is held, and start another."""
    stack.kill(stack.sink.held.get(timeout=LONGEST))
    stack.sink.release()
    stack.start_worker()


@pytest.mark.parametrize("stage", list(Stage))
def test_a_worker_killed_with_a_letter(
    stage: Stage, stack: Stack, visitors: Visitors, measured: Measured
) -> None:
    settle()
    stack.sink.hold_at = stage
    visitors.register()
    kill_held(stack)
    measured.note(again=f"{settle():.1f} s")

    [email] = visitors.acts.registered
    letters = stack.sink.to(email)
    assert len(letters) == (2 if stage == Stage.TAKEN else 1)
    assert len({letter.name for letter in letters}) == 1


@pytest.mark.parametrize("stage", list(Stage))
def test_a_worker_killed_with_a_newsletter(
    stage: Stage, stack: Stack, visitors: Visitors, measured: Measured
) -> None:
    issue = validated_issue()
    settle()  # Its reviewers got letters too.
    stack.sink.hold_at = stage
    sending.schedule(issue, None)
    mailing = Mailing.objects.latest("pk")
    kill_held(stack)
    measured.note(finished=f"{settle():.1f} s")

    [uncertain] = mailing.deliveries.filter(state=Delivery.State.UNCERTAIN)
    came = [each for each in stack.sink.letters if each.number == uncertain.uuid.hex]
    assert len(came) == (1 if stage == Stage.TAKEN else 0)
    others = mailing.deliveries.exclude(pk=uncertain.pk)
    assert set(others.values_list("state", flat=True)) == {Delivery.State.SENT}


def test_a_worker_killed_in_a_task(
    stack: Stack, visitors: Visitors, measured: Measured, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    hold.enqueue(str(path))
    wait_until(path.exists, "the task begins")
    stack.kill(stack.workers[0].pid)
    Path(f"{path}.go").touch()
    stack.start_worker()
    measured.note(again=f"{settle():.1f} s")

    assert path.read_text().split() == ["begun", "begun", "done"]


def test_a_worker_told_to_stop_in_a_task(
    stack: Stack, visitors: Visitors, measured: Measured, tmp_path: Path
) -> None:
    path = tmp_path / "journal"
    hold.enqueue(str(path))
    wait_until(path.exists, "the task begins")
    [worker] = stack.workers
    worker.send_signal(signal.SIGTERM)
    visitors.register()
    time.sleep(5)  # Longer than a lease.
    assert worker.poll() is None, "it ends after what is in hand"
    Path(f"{path}.go").touch()
    started = time.monotonic()
    assert worker.wait(LONGEST) == 0
    stack.workers.remove(worker)
    measured.note(stopped=f"{time.monotonic() - started:.1f} s")

    assert path.read_text().split() == ["begun", "done"]


def test_a_web_process_killed_in_traffic(
    stack: Stack, visitors: Visitors, measured: Measured
) -> None:
    with Traffic(visitors):
        for _ in range(3):
            time.sleep(2)
            os.kill(stack.processes()["web 1"], signal.SIGKILL)
        time.sleep(4)

    failures = visitors.failures()
    assert {each.status for each in failures} <= {0}, "connections are dropped, and no more"
    assert len(failures) <= 3 * THREADS
    measured.note(dropped=len(failures))
    sweep(stack)


def test_two_schedulers_run_each_command_once(
    stack: Stack, visitors: Visitors, measured: Measured
) -> None:
    stack.end_workers()
    Job.objects.all().delete()
    before = len(stack.logs)
    stack.start_worker()
    stack.start_worker()
    ran = Job.objects.exclude(succeeded_at=None)
    at_once = {"publish_scheduled", "send_event_emails", "apply_retention"}
    wait_until(
        lambda: at_once <= set(ran.values_list("name", flat=True)), "what is due at once ran"
    )
    time.sleep(6)  # Another look at the clock.

    logs = "".join(log.read_text() for log in stack.logs[before:])
    counts = {name: len(re.findall(rf"scheduling: {name}: ", logs)) for name in at_once}
    assert counts == dict.fromkeys(at_once, 1)
    assert stack.end_workers() == [0, 0]


@pytest.mark.skipif(not FAKETIME, reason="needs libfaketime")
@pytest.mark.parametrize("way", ["set right", "killed"])
def test_a_clock_that_was_ahead_keeps_nobody_waiting(
    way: str, stack: Stack, visitors: Visitors, measured: Measured, tmp_path: Path
) -> None:
    """What it put off until its tomorrow, and what it held, is done once the clock is right."""
    settle()
    stack.end_workers()
    clock = tmp_path / "clock"
    clock.write_text(AHEAD)
    stack.start_worker(
        LD_PRELOAD=str(FAKETIME),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
        DONT_FAKE_MONOTONIC="1",
    )
    stack.sink.mode = Mode.REFUSE_FOR_NOW
    visitors.register()
    visitors.subscribe()
    sending.schedule(validated_issue(), None)
    mailing = Mailing.objects.latest("pk")
    tried = OutgoingEmail.objects.unsent().filter(attempts__gt=0)
    people = {*visitors.acts.registered, *visitors.acts.subscribed}
    wait_until(
        lambda: people <= set(tried.values_list("address", flat=True)), "letters are refused"
    )
    wait_until(mailing.deliveries.filter(attempts__gt=0).exists, "an issue is refused for now")
    if way == "killed":
        stack.sink.hold_at = Stage.BEFORE
    stack.sink.mode = Mode.ACCEPT
    if way == "killed":
        kill_held(stack)
    else:
        clock.write_text("+0")
    measured.note(caught_up=f"{settle(60):.1f} s")

    sent = mailing.deliveries.filter(state=Delivery.State.SENT).count()
    assert sent >= mailing.deliveries.count() - 1
