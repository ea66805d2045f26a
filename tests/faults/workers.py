"""Workers in processes of their own, to be killed, and the mail server that they send to."""

from __future__ import annotations

import os
import queue
import random
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]
OTHERS = 0.3
"""Share of the kills that strike another worker than the one whose message is held."""
LOOK_SECONDS = 0.5
"""How often to look whether all is sent, while no message is held."""


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


@contextmanager
def running_server(folder: Path, *, seed: int, drops: float, holds: int) -> Iterator[Server]:
    """Run a mail server (``tests.newsletter.sink``) that notes what it takes in a journal.

    Args:
        folder: of the journal.
        seed: decides what happens when.
        drops: share of the moments at which it drops the connection.
        holds: how many messages it holds until it is told to go on.
    """
    journal = folder / "journal"
    journal.touch()
    options = [str(journal), str(seed), str(drops), str(holds)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.newsletter.sink", *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        server = Server(process, journal)
        try:
            yield server
        finally:
            process.kill()
            server.watcher.join()


def start_worker(command: str, port: int) -> subprocess.Popen[bytes]:
    """Start a worker that sends to the server at a port."""
    return subprocess.Popen(
        [sys.executable, "manage.py", command],
        cwd=ROOT,
        env=environment(port),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kill_workers(
    command: str,
    server: Server,
    *,
    dice: random.Random,
    is_over: Callable[[], bool],
    longest: float,
    count: int,
) -> int:
    """Run workers until all is sent, and kill one whenever the server holds a message.

    Returns:
        How many were killed.
    """
    workers = [start_worker(command, server.port) for _ in range(count)]
    kills = 0
    deadline = time.monotonic() + longest
    try:
        while not is_over():
            assert time.monotonic() < deadline, "it is not over"
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
            workers.append(start_worker(command, server.port))
            server.release()
    finally:
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.wait()
    return kills


def chosen_seed() -> int:
    """Return what decides who dies when: another each time, and printed where a test fails."""
    seed = int(os.environ.get("FAULT_SEED") or time.time_ns() % 1_000_000)
    print(f"FAULT_SEED={seed}")
    return seed
