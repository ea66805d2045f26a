"""What every benchmark needs: a database of its own, gunicorn, and a client that counts."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import psycopg2

from scripts.postgresql import postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 30


@dataclass(frozen=True)
class Figures:
    """What a load gave: requests a second, latencies in milliseconds, bytes of one answer."""

    per_second: float
    median_ms: float
    p95_ms: float
    size: int


@contextmanager
def database() -> Iterator[str]:
    """Give the URL of an empty PostgreSQL database, dropped at the end."""
    with postgresql() as server:
        parts = urlsplit(server.url)
        options = dict(parse_qsl(parts.query))
        if parts.hostname:
            options |= {"host": parts.hostname, "port": str(parts.port or 5432)}
            options |= {"user": parts.username or "postgres", "password": parts.password or ""}
        name = f"pare_bench_{os.getpid()}"
        _execute(options, f'CREATE DATABASE "{name}"')
        try:
            yield f"postgres://{parts.netloc}/{name}?{parts.query}"
        finally:
            _execute(options, f'DROP DATABASE "{name}" WITH (FORCE)')


def _execute(options: dict[str, str], statement: str) -> None:
    connection = psycopg2.connect(dbname="postgres", **options)
    connection.autocommit = True
    try:
        connection.cursor().execute(statement)
    finally:
        connection.close()


@contextmanager
def gunicorn(environment: dict[str, str], workers: int = 2) -> Iterator[str]:
    """Serve the site on a free port; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "--workers", str(workers)],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("gunicorn stopped as soon as it started")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"gunicorn did not listen within {START_SECONDS} s")


def _warm_up(address: str, path: str, times: int = 6) -> None:
    """Let every worker make what is made once: renditions, compiled templates, connections."""
    parts = urlsplit(address)
    for _ in range(times):
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
        connection.request("GET", path, headers={"Host": "localhost"})
        connection.getresponse().read()
        connection.close()


def load(address: str, path: str, seconds: float = 8, clients: int = 8) -> Figures:
    """Ask for a path again and again, over kept connections.

    Args:
        address: scheme, host and port.
        path: path and query.
        seconds: for how long, after a few requests and a second of warming up.
        clients: how many at the same time.

    Raises:
        RuntimeError: an answer was not a 200.
    """
    _warm_up(address, path)
    latencies: list[float] = []
    sizes: set[int] = set()
    failures: list[int] = []
    start = time.monotonic() + 1
    stop = start + seconds

    def ask() -> None:
        parts = urlsplit(address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        while (before := time.monotonic()) < stop:
            connection.request("GET", path, headers={"Host": "localhost"})
            answer = connection.getresponse()
            sizes.add(len(answer.read()))
            if answer.status != http.HTTPStatus.OK:
                failures.append(answer.status)
                return
            if before >= start:
                latencies.append(time.monotonic() - before)

    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"{path} answered {failures[0]}")
    ordered = sorted(latencies)
    return Figures(
        per_second=len(ordered) / seconds,
        median_ms=1000 * statistics.median(ordered),
        p95_ms=1000 * ordered[int(0.95 * (len(ordered) - 1))],
        size=max(sizes),
    )
