"""Workers outlive their database, and one another."""

from __future__ import annotations

import json
import logging
import random
import signal
import threading
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from django.core.mail import send_mail
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
    connection,
    connections,
)

from background import outages
from background.outages import insist, run_turns
from newsletter import sending
from newsletter.models import Delivery, Mailing, Subscriber
from newsletter.sending.worker import Worker as NewsletterWorker
from outbox.models import OutgoingEmail
from outbox.worker import Worker
from tests.factories.newsletter import validated_issue
from tests.faults.workers import chosen_seed, kill_workers, running_server, start_worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.mail_server import MailServer

State = OutgoingEmail.State
LONGEST = 20.0
commits = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outages, "FIRST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr("outbox.worker.IDLE_SECONDS", 0.05)
    monkeypatch.setattr("newsletter.sending.worker.IDLE_SECONDS", 0.05)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def at_work(worker: Any) -> Iterator[threading.Thread]:
    """Run a worker in a thread, as in a process of its own."""

    def run() -> None:
        try:
            worker.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield thread
    finally:
        worker.stop.set()
        thread.join(LONGEST)
    assert not thread.is_alive()


def backend() -> int:
    """Return the process of the database that serves our connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def end_connections(kept: int) -> None:
    """End every connection to this database but one, as a restart does; from any thread."""

    def end() -> None:
        try:
            with connections["default"].cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
                    [kept],
                )
        finally:
            connections.close_all()

    thread = threading.Thread(target=end)
    thread.start()
    thread.join()


def write(count: int = 1) -> None:
    for number in range(count):
        send_mail("Objet", "Bonjour", None, [f"a-{number}@example.org"])


class Failing:
    """A turn, or a call, that finds no database some times."""

    def __init__(self, times: int, error: type[Exception] = OperationalError) -> None:
        self.left, self.error = times, error

    def __call__(self) -> bool:
        if self.left:
            self.left -= 1
            raise self.error("server closed the connection")
        return False


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, DatabaseError])
def test_a_database_that_is_away_is_logged_once_a_minute(
    error: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    stop, turn = threading.Event(), Failing(5, error)

    def stop_after() -> bool:
        has_more = turn()
        stop.set()
        return has_more

    with caplog.at_level(logging.WARNING):
        run_turns(stop_after, stop, once=False, idle_seconds=0)

    assert [record.message.partition(";")[0] for record in caplog.records] == [
        "The database is away",
        "The database is back.",
    ]


def test_what_is_wrong_with_the_program_is_no_database_that_is_away() -> None:
    for run in (run_turns_once, lambda call: insist(call, threading.Event())):
        with pytest.raises(ProgrammingError):
            run(Failing(1, ProgrammingError))


def run_turns_once(turn: Callable[[], bool]) -> None:
    run_turns(turn, threading.Event(), once=False, idle_seconds=0)


def test_where_it_is_run_by_cron_a_database_that_is_away_is_an_error() -> None:
    with pytest.raises(OperationalError):
        run_turns(Failing(1), threading.Event(), once=True, idle_seconds=0)


def test_what_must_not_be_forgotten_is_done_again_until_the_worker_is_to_stop() -> None:
    stop = threading.Event()
    assert insist(Failing(3), stop) is False

    stop.set()
    with pytest.raises(OperationalError):
        insist(Failing(3), stop)


class TestRestart:
    pytestmark = commits

    def test_of_the_database_stops_no_worker(self, server: MailServer) -> None:
        with at_work(Worker()):
            write()
            wait_for(lambda: len(server.messages) == 1)
            end_connections(backend())
            write()
            wait_for(lambda: len(server.messages) == 2)

    def test_while_a_letter_is_in_flight_sends_it_once(self, server: MailServer) -> None:
        kept = backend()
        server.on_data = lambda message: end_connections(kept)  # type: ignore[func-returns-value]
        with at_work(Worker()):
            write()
            wait_for(lambda: OutgoingEmail.objects.filter(state=State.SENT).exists())

        assert len(server.messages) == 1

    def test_stops_no_newsletter(self, server: MailServer) -> None:
        Subscriber.objects.bulk_create(
            Subscriber(email=f"a-{number}@example.org", state="active") for number in range(3)
        )
        kept = backend()
        server.on_data = lambda message: end_connections(kept)  # type: ignore[func-returns-value]
        with at_work(NewsletterWorker()):
            end_connections(kept)
            sending.schedule(validated_issue(), None)
            wait_for(Mailing.objects.filter(state=Mailing.State.SENT).exists)

        letters = [message for message in server.messages if message["List-Id"]]
        assert len(letters) == 3
        assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.SENT}


class TestWorkers:
    pytestmark = commits

    def test_that_work_together_send_each_letter_once(self, server: MailServer) -> None:
        write(60)
        barrier = threading.Barrier(3)

        def run() -> None:
            barrier.wait()
            try:
                Worker().run(once=True)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert Counter(message["To"] for message in server.messages) == Counter(
            f"a-{number}@example.org" for number in range(60)
        )

    def test_that_are_killed_forget_no_letter_and_repeat_some_under_the_same_name(
        self, tmp_path: Path, settings: Any
    ) -> None:
        """Killed between claiming and sending, and between sending and recording."""
        settings.OUTBOX_IMMEDIATE = False
        seed, count, kills = chosen_seed(), 40, 2
        write(count)
        left = OutgoingEmail.objects.exclude(state=State.SENT)
        with running_server(tmp_path, seed=seed, drops=0.03, holds=kills) as server:
            killed = kill_workers(
                "send_emails",
                server,
                dice=random.Random(seed),
                is_over=lambda: not left.exists(),
                longest=60,
                count=2,
            )
            taken = [json.loads(line) for line in server.journal.read_text().splitlines()]

        assert killed == kills
        names: dict[str, set[str]] = {}
        for address, message_id in taken:
            names.setdefault(address, set()).add(message_id)
        assert set(names) == {f"a-{number}@example.org" for number in range(count)}
        assert {len(each) for each in names.values()} == {1}

    def test_that_are_told_to_stop_finish_the_message_in_hand(
        self, tmp_path: Path, settings: Any
    ) -> None:
        settings.OUTBOX_IMMEDIATE = False
        write(60)
        with running_server(tmp_path, seed=1, drops=0, holds=1) as server:
            worker = start_worker("send_emails", server.port)
            server.held.get(timeout=LONGEST)
            worker.send_signal(signal.SIGTERM)
            server.release()
            assert worker.wait(LONGEST) == 0
            taken = len(server.journal.read_text().splitlines())

        counts = Counter(OutgoingEmail.objects.values_list("state", flat=True))
        assert counts == {State.SENT: taken, State.WAITING: 60 - taken}
