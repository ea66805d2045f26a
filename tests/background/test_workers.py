"""A task ends: done, done again by another, or given up where somebody sees it."""

from __future__ import annotations

import datetime as dt
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.management import call_command, get_commands
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from wagtail.tasks import update_reference_index_task

from background import state
from background.models import Beat, Job, Lease
from background.outages import Patience
from background.workers import ATTEMPTS, TaskWorker, reap
from tests.background import quick_settings, tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
LEASE = dt.timedelta(seconds=60)
START_SECONDS = 60


@pytest.fixture(autouse=True)
def _tasks_in_the_database(settings: Any) -> None:
    settings.TASKS = quick_settings.TASKS


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "journal").touch()
    return str(tmp_path / "journal")


def lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()


def only() -> DBTaskResult[Any, Any]:
    return DBTaskResult.objects.get()


@pytest.mark.django_db
class TestOneTask:
    def test_it_is_done_once_and_holds_no_lease(self, path: str) -> None:
        tasks.write.enqueue(path)
        worker = TaskWorker()

        assert [worker.work(), worker.work()] == [True, False]

        assert lines(path) == ["ran"]
        assert (only().status, only().return_value) == ("SUCCESSFUL", path)
        assert not Lease.objects.exists()

    def test_one_that_raises_is_done_again_later_each_time(
        self, path: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        tasks.fail.enqueue(path, times=2)
        worker, waits = TaskWorker(), []
        with time_machine.travel(timezone.now(), tick=False) as clock:
            while worker.work():
                if only().status == "READY":
                    waits.append(only().run_after - timezone.now())
                    assert not worker.work(), "it waits"
                    clock.move_to(only().run_after)

        assert waits == [dt.timedelta(minutes=1), dt.timedelta(minutes=5)]
        assert lines(path) == ["failed"] * 3
        assert only().status == "SUCCESSFUL"
        assert only().traceback == ""
        assert [record.levelname for record in caplog.records] == ["WARNING"] * 2

    def test_one_that_always_raises_is_given_up_and_seen(
        self, path: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        tasks.fail.enqueue(path, times=99)
        worker = TaskWorker()
        with time_machine.travel(timezone.now(), tick=False) as clock:
            while worker.work():
                clock.shift(dt.timedelta(days=1))

        assert lines(path) == ["failed"] * ATTEMPTS
        assert only().status == "FAILED"
        assert "not yet" in only().traceback
        assert state.task_state().failed == 1
        assert any(record.levelno == logging.ERROR for record in caplog.records)

    def test_a_value_that_json_has_not_is_a_failure(self) -> None:
        tasks.return_what_json_has_not.enqueue()

        TaskWorker().work()

        assert only().status == "READY"
        assert "TypeError" in only().traceback

    def test_a_task_whose_code_is_gone_does_not_stop_the_worker(self, path: str) -> None:
        tasks.write.enqueue(path)
        DBTaskResult.objects.update(task_path="tests.background.tasks.gone")
        worker = TaskWorker()

        with time_machine.travel(timezone.now(), tick=False) as clock:
            while worker.work():
                clock.shift(dt.timedelta(days=1))

        assert only().status == "FAILED"

    def test_a_task_of_wagtail_about_what_is_deleted_has_nothing_left_to_do(self) -> None:
        update_reference_index_task.enqueue("core", "image", "123456789")

        TaskWorker().work()

        assert only().status == "SUCCESSFUL"

    def test_long_ones_delay_no_other(self, path: str) -> None:
        tasks.write_long.enqueue(path)
        tasks.write.enqueue(path)

        assert not any((TaskWorker(is_long=False).work(), TaskWorker(is_long=False).work())[1:])
        assert lines(path) == ["ran"]
        assert TaskWorker(is_long=True).work()
        assert not TaskWorker().work()


@pytest.mark.django_db
class TestDeadWorkers:
    def test_what_one_had_in_hand_is_done_again_once_its_lease_ran_out(self, path: str) -> None:
        tasks.write.enqueue(path)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            TaskWorker().claim()
            assert reap(timezone.now() + LEASE / 2) == 0
            clock.shift(LEASE * 1.1)

            assert reap(timezone.now()) == 1
            assert TaskWorker().work()

        assert lines(path) == ["ran"]
        assert len(only().worker_ids) == 2

    def test_a_worker_that_lives_keeps_its_task(self, path: str) -> None:
        tasks.write.enqueue(path)
        worker = TaskWorker()
        with time_machine.travel(timezone.now(), tick=False) as clock:
            worker.claim()
            for _ in range(5):
                clock.shift(LEASE / 2)
                worker._renew(timezone.now())
                assert reap(timezone.now()) == 0

    def test_what_was_claimed_as_the_database_went_away_is_not_kept(
        self, path: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tasks.write.enqueue(path)
        worker = TaskWorker()
        claim = DBTaskResult.claim

        def lose(row: DBTaskResult[Any, Any], name: str) -> None:
            claim(row, name)
            Lease.objects.create(task=row, worker=name, until=timezone.now() + LEASE)
            # It is there, and the worker never learns that it is.
            row.pk = None
            raise OperationalError("server closed the connection")

        monkeypatch.setattr(DBTaskResult, "claim", lose)
        monkeypatch.setattr("background.workers.transaction.atomic", nullcontext)
        with pytest.raises(OperationalError):
            worker.work()
        monkeypatch.undo()
        later = timezone.now() + LEASE * 1.1
        worker._renew(later)

        assert only().status == "RUNNING"
        assert reap(later) == 1

    def test_what_was_in_hand_before_the_upgrade_is_done_again(self, path: str) -> None:
        tasks.write.enqueue(path)
        only().claim("a worker of 0.1.0")

        assert reap(timezone.now()) == 0
        assert reap(timezone.now() + LEASE * 1.1) == 1

    def test_a_lease_from_before_the_clock_was_set_back_is_none(self, path: str) -> None:
        tasks.write.enqueue(path)
        with time_machine.travel(timezone.now() + dt.timedelta(days=1), tick=False):
            TaskWorker().claim()

        assert reap(timezone.now()) == 1

    def test_one_that_comes_too_late_records_nothing(self, path: str) -> None:
        tasks.write.enqueue(path)
        slow, quick = TaskWorker(), TaskWorker()
        row = slow.claim()
        assert row
        reap(timezone.now() + LEASE * 1.1)
        assert quick.claim()

        slow._record(row, "too late", None)

        assert (only().status, only().return_value) == ("RUNNING", None)
        assert Lease.objects.get().worker == quick.name

    def test_a_task_that_kills_its_workers_is_given_up(self, path: str) -> None:
        tasks.write.enqueue(path)
        with time_machine.travel(timezone.now(), tick=False) as clock:
            while TaskWorker().claim():
                clock.shift(LEASE * 1.1)
                reap(timezone.now())

        assert only().status == "FAILED"
        assert len(only().worker_ids) == ATTEMPTS
        assert "ended without a word" in only().traceback


@pytest.mark.django_db
def test_finished_tasks_and_their_arguments_are_forgotten(path: str) -> None:
    now = timezone.now()
    days = {"SUCCESSFUL": (0, 2), "FAILED": (13, 15), "READY": (20,), "RUNNING": (20,)}
    for status, ages in days.items():
        for age in ages:
            tasks.write.enqueue(path)
            DBTaskResult.objects.order_by("enqueued_at").filter(finished_at=None).update(
                status=status, finished_at=now - dt.timedelta(days=age)
            )

    call_command("apply_retention", verbosity=0)

    assert sorted(DBTaskResult.objects.values_list("status", flat=True)) == [
        *("FAILED", "READY", "RUNNING", "SUCCESSFUL")
    ]


@pytest.mark.django_db
def test_what_waits_is_counted(path: str) -> None:
    assert state.task_state() == (0, None, 0)

    tasks.write.enqueue(path)
    tasks.write.enqueue(path)

    assert state.task_state().waiting == 2
    assert (
        state.task_state().waiting_since == DBTaskResult.objects.earliest("enqueued_at").enqueued_at
    )


@pytest.mark.parametrize(
    "error,is_ours",
    [
        (OperationalError("server closed the connection"), False),
        (InterfaceError("connection already closed"), False),
        # What psycopg raises where a server crashes.
        (DatabaseError("server closed the connection unexpectedly"), False),
        (ProgrammingError("relation does not exist"), True),
    ],
)
def test_a_worker_waits_for_a_database_that_is_away_and_for_no_fault_of_its_own(
    error: Exception, is_ours: bool, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    stop.set()
    patience = Patience(stop)

    if is_ours:
        with pytest.raises(ProgrammingError):
            patience.wait(error)
        return
    waits = []
    for _ in range(7):
        patience.wait(error)
        waits.append(patience.seconds)
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    assert len(caplog.records) == 1
    patience.end()
    assert patience.seconds == 0


def test_the_command_of_tasks_is_ours() -> None:
    assert get_commands()["db_worker"] == "background"


# Real processes


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def database_url() -> str:
    """Return the address of the database of this test."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return url if "///" in url or parts.netloc else url.replace(":/", ":///", 1)


@contextmanager
def process(command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of ``manage.py`` on the database of this test."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": quick_settings.__name__,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
    }
    with subprocess.Popen(
        [sys.executable, "manage.py", command], cwd=ROOT, env=environment
    ) as running:
        try:
            yield running
        finally:
            running.kill()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_task_is_lost_whatever_ends_its_worker(tmp_path: Path) -> None:
    killed, stopped, later = (str(tmp_path / name) for name in ("killed", "stopped", "later"))
    for path in (killed, stopped, later):
        Path(path).touch()

    def row(path: str) -> DBTaskResult[Any, Any]:
        return DBTaskResult.objects.get(args_kwargs__args=[path])

    tasks.hold.enqueue(killed)
    with process("db_worker") as first, process("work") as second:
        # The one that has it dies, and another takes it.
        wait_for(lambda: lines(killed) == ["begun"], "it is claimed")
        wait_for(lambda: len(state.alive("tasks", timezone.now())) == 4, "two threads of each")
        wait_for(
            lambda: (
                Job.objects.exclude(succeeded_at=None).filter(name="publish_scheduled").exists()
            ),
            "the clock of « work » runs",
        )
        pids = {str(each.pid): each for each in (first, second)}
        # « work » may have a task of its clock in hand, too.
        worker = Lease.objects.get(task=row(killed)).worker
        pids[worker.split(":")[1]].send_signal(signal.SIGKILL)
        wait_for(lambda: lines(killed) == ["begun", "begun"], "it is done again")
        Path(f"{killed}.go").touch()
        wait_for(lambda: row(killed).status == "SUCCESSFUL", "it is done")
        assert lines(killed) == ["begun", "begun", "done"]
        assert len(row(killed).worker_ids) == 2

        # The database goes away and comes back.
        name = connection.settings_dict["NAME"]
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_backend_pid()",
                [name],
            )
            time.sleep(2)
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        connection.close()
        tasks.write.enqueue(later)
        wait_for(lambda: lines(later) == ["ran"], "the worker asks again")

        # A worker that is stopped ends what it has in hand.
        tasks.hold.enqueue(stopped)
        wait_for(lambda: lines(stopped) == ["begun"], "it is claimed")
        living = first if first.poll() is None else second
        living.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert living.poll() is None
        Path(f"{stopped}.go").touch()
        assert living.wait(START_SECONDS) == 0
        assert row(stopped).status == "SUCCESSFUL"
        assert lines(stopped) == ["begun", "done"]
        assert not Lease.objects.exists()
        assert not Beat.objects.filter(name__contains=f":{living.pid}:").exists()
