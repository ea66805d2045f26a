"""Whatever dies, and whenever: nobody gets two, and nobody is forgotten."""

from __future__ import annotations

import json
import os
import queue
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.db import connection

from newsletter import sending
from newsletter.models import Delivery, Mailing, Subscriber
from tests.factories.newsletter import validated_issue

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = 300
WORKERS = 3
DROPPED = 0.04
"""Share of the moments at which the server drops the connection."""
LONGEST = 90
KILLS = 6
OTHERS = 0.3
"""Share of the kills that strike another worker than the one whose message is held."""
LOOK_SECONDS = 0.5
"""How often to look whether the sending is over, while no message is held."""
State = Delivery.State


def environment(port: int) -> dict[str, str]:
    """Return the environment of a worker on the database of this test."""
    parts = urlsplit(os.environ["DATABASE_URL"])
    url = parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    if "///" not in url and not parts.netloc:
        url = url.replace(":/", ":///", 1)
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "tests.newsletter.faulty_settings",
        "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
        "SINK_PORT": str(port),
    }


class Server:
    """A mail server in its own process that drops connections and holds messages."""

    def __init__(self, process: subprocess.Popen[str], journal: Path) -> None:
        self.process, self.journal = process, journal
        self.port = int(self._read())
        self.held: queue.Queue[int] = queue.Queue()
        self.watcher = threading.Thread(target=self._watch)
        self.watcher.start()

    def _read(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()

    def _watch(self) -> None:
        while line := self._read():
            self.held.put(int(line.partition(".")[0]))

    def release(self) -> None:
        """Let it go on with one message that it holds."""
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@pytest.fixture
def server(tmp_path: Path, seed: int) -> Iterator[Server]:
    journal = tmp_path / "journal"
    journal.touch()
    options = [str(journal), str(seed), str(DROPPED), str(KILLS)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.newsletter.sink", *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        server = Server(process, journal)
        yield server
        process.kill()
        server.watcher.join()


@pytest.fixture
def seed() -> int:
    """What decides who dies when: another each time, and printed where the test fails."""
    chosen = int(os.environ.get("FAULT_SEED") or time.time_ns() % 1_000_000)
    print(f"FAULT_SEED={chosen}")
    return chosen


def start_worker(port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "send_newsletters"],
        cwd=ROOT,
        env=environment(port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_killed_workers_and_dropped_connections_send_nothing_twice_and_forget_nobody(
    server: Server, seed: int
) -> None:
    dice = random.Random(seed)
    Subscriber.objects.bulk_create(
        Subscriber(email=f"a-{number}@example.org", state="active") for number in range(PEOPLE)
    )
    sending.schedule(validated_issue(), None)
    workers = [start_worker(server.port) for _ in range(WORKERS)]
    kills = 0
    deadline = time.monotonic() + LONGEST
    try:
        while not Mailing.objects.filter(state=Mailing.State.SENT).exists():
            assert time.monotonic() < deadline, Mailing.objects.get().counts()
            try:
                held = server.held.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            # The worker whose message is held, or any: it has messages that it did not begin.
            holding = [worker for worker in workers if worker.pid == held]
            killed = dice.choice(workers if dice.random() < OTHERS else holding or workers)
            workers.remove(killed)
            killed.kill()
            killed.wait()
            kills += 1
            workers.append(start_worker(server.port))
            server.release()
    finally:
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.wait()

    got = Counter(json.loads(line)[0] for line in server.journal.read_text().splitlines())
    by_state: dict[str, set[str]] = {state: set() for state in State.values}
    for email, state in Delivery.objects.values_list("subscriber__email", "state"):
        by_state[state].add(email)
    assert kills == KILLS
    assert [email for email, count in got.items() if count > 1] == []
    assert by_state[State.SENT] <= set(got), "what is called sent was taken"
    missing = {f"a-{number}@example.org" for number in range(PEOPLE)} - set(got)
    assert missing <= by_state[State.UNCERTAIN]
    assert by_state[State.SENT] | by_state[State.UNCERTAIN] | by_state[State.FAILED] == {
        f"a-{number}@example.org" for number in range(PEOPLE)
    }
    assert by_state[State.FAILED] == set()
