"""A Redis of a test's own, to stop, to hang and to start again."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 20


class RedisServer:
    """A server on a port of its own, with nothing on disk."""

    def __init__(self) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        """Start it, empty, at the same address."""
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with closing(socket.socket()) as connection:
                if connection.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError("redis-server does not start")

    def stop(self) -> None:
        """Have it refuse connections."""
        self.process.kill()
        self.process.wait()

    def hang(self) -> None:
        """Have it take connections and never answer."""
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Have it answer again."""
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Yield a server until the block ends; skip the test where the program is not installed."""
    if not shutil.which("redis-server"):
        pytest.skip("needs redis-server")
    server = RedisServer()
    try:
        yield server
    finally:
        server.stop()
