"""The whole site as in production, in processes of its own, which tests stop, kill and starve."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import urlsplit, urlunsplit

import environ
import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import FileField
from django.test import override_settings

from pare.settings.base import storages
from scripts.postgresql import Cluster, programs
from tests.background.quick_settings import TASKS
from tests.faults.sink import Sink
from tests.mail_server import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.redis import RedisServer

ROOT = Path(__file__).resolve().parents[2]
HOST = "pare.test"
LONGEST = 90.0
"""How long anything may take before a test gives up."""
LOOK_SECONDS = 0.1
HTTP_OK = 200


class Stack:
    """gunicorn, workers, their PostgreSQL, Redis and mail server.

    Attributes:
        folder: of the files, the temporary files and the logs.
        sink: the mail server.
        web: the process of gunicorn.
        workers: the processes of ``manage.py work``, those that were killed left out.
    """

    def __init__(
        self,
        folder: Path,
        cluster: Cluster,
        redis: RedisServer,
        sink: Sink,
        more: dict[str, str] | None = None,
    ) -> None:
        """Prepare the folders; *more* is of the environment of all processes."""
        self.folder, self.cluster, self.redis, self.sink = folder, cluster, redis, sink
        self.more = more or {}
        self.port = free_port()
        self.secret = secrets.token_urlsafe(60)
        self.files, self.temporary = folder / "var", folder / "tmp"
        self.media, self.private = self.files / "media", self.files / "private"
        self.counts = folder / "counts"
        for each in (self.media, self.private, self.temporary, self.counts):
            each.mkdir(parents=True)
        self.web: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self.logs: list[Path] = []

    def beside(self, folder: Path) -> Stack:
        """Return a second host of the same site: the same services, files and secret."""
        other = Stack(folder, self.cluster, self.redis, self.sink, self.more)
        other.secret, other.files = self.secret, self.files
        other.media, other.private = self.media, self.private
        return other

    # Processes

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of the processes, with nothing of the machine's."""
        names = {"PATH", "LANG", "LC_ALL", "HOME"} & set(os.environ)
        return {
            **{name: os.environ[name] for name in names},
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'site'}",
            "SECRET_KEY": self.secret,
            "ALLOWED_HOSTS": HOST,
            "PUBLIC_URL": f"https://{HOST}",
            "SECURE_PROXY_SSL_HEADER": "HTTP_X_FORWARDED_PROTO,https",
            # Each visitor of a test has an address, as limits count them.
            "CLIENT_ADDRESS_HEADER": "HTTP_X_REAL_IP",
            "DATABASE_URL": self.cluster.url,
            "REDIS_URL": self.redis.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.sink.port}",
            "DEFAULT_FROM_EMAIL": f"Projet PARÉ <ne-pas-repondre@{HOST}>",
            "VAR_DIR": str(self.files),
            "TMPDIR": str(self.temporary),
            "PROMETHEUS_MULTIPROC_DIR": str(self.counts),
            # Its own tests are about the second factor.
            "MFA_REQUIRED": "false",
            "PORT": str(self.port),
            **self.more,
            **more,
        }

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """Start a program of Python at the root, its output in a file of its own."""
        log = self.folder / f"{len(self.logs)}-{Path(arguments[-1]).name}.log"
        self.logs.append(log)
        with log.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment(**more),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def start_web(self) -> None:
        """Start gunicorn as configured for production, and wait until it answers."""
        self.web = self.start("-m", "gunicorn")
        wait_until(self.is_ready, "gunicorn answers")

    def start_worker(self, **more: str) -> subprocess.Popen[bytes]:
        """Start ``manage.py work``."""
        worker = self.start("manage.py", "work", **more)
        self.workers.append(worker)
        return worker

    def kill(self, pid: int) -> None:
        """Kill a worker at once, and forget it."""
        for worker in list(self.workers):
            if worker.pid == pid:
                worker.kill()
                worker.wait()
                self.workers.remove(worker)

    def end_workers(self, number: signal.Signals = signal.SIGTERM) -> list[int]:
        """End the workers by a signal, and return their exit codes."""
        for worker in self.workers:
            worker.send_signal(number)
        codes = [worker.wait(LONGEST) for worker in self.workers]
        self.workers = []
        return codes

    def processes(self) -> dict[str, int]:
        """Return the processes by a name: gunicorn's own, its children, and the workers."""
        assert self.web
        children = Path(f"/proc/{self.web.pid}/task/{self.web.pid}/children").read_text().split()
        return {
            "gunicorn": self.web.pid,
            **{f"web {number}": int(pid) for number, pid in enumerate(children, 1)},
            **{f"work {number}": each.pid for number, each in enumerate(self.workers, 1)},
        }

    def end(self) -> None:
        """End all of it."""
        self.sink.release()
        for process in [*self.workers, *filter(None, [self.web])]:
            process.kill()
            process.wait()
        # What gunicorn started goes when it sees that gunicorn is gone.
        self.workers = []

    def log_text(self) -> str:
        """Return what all processes logged."""
        return "".join(log.read_text(errors="replace") for log in self.logs)

    @contextmanager
    def full(self, folder: Path) -> Iterator[None]:
        """Have a disk of one megabyte, which is full, in the place of a folder.

        Skips the test where this account or machine can't mount one.
        """
        with _mounted(["-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], folder):
            with suppress(OSError), (folder / "full").open("wb", buffering=0) as file:
                while True:
                    file.write(b"x" * 4096)
            yield

    @contextmanager
    def read_only(self, folder: Path) -> Iterator[None]:
        """Have nobody write into a folder, root included; skips the test as ``full`` does."""
        with _mounted(["--bind", str(folder), str(folder)], folder):
            _run(["mount", "-o", "remount,bind,ro", str(folder)])
            yield

    # What visitors do

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        timeout: float = 30,
    ) -> tuple[int, bytes, dict[str, str]]:
        """Ask as the reverse proxy does; return status, content and headers; 0: no answer."""
        asked = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        given = {"Host": HOST, "X-Forwarded-Proto": "https", **(headers or {})}
        try:
            asked.request(method, path, body, given)
            answer = asked.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        except (OSError, HTTPException) as error:
            return 0, repr(error).encode(), {}
        finally:
            asked.close()

    def is_ready(self) -> bool:
        """Return whether gunicorn can answer."""
        return self.request("GET", "/health/ready")[0] == HTTP_OK


@contextmanager
def _mounted(arguments: list[str], folder: Path) -> Iterator[None]:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"needs to mount a disk, as root: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def wait_until(condition: Callable[[], object], what: str, longest: float = LONGEST) -> float:
    """Wait for a condition; return how many seconds it took.

    Raises:
        AssertionError: it took too long.
    """
    started = time.monotonic()
    while not condition():
        assert time.monotonic() < started + longest, f"it never came true that {what}"
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - started


def fill(cluster: Cluster) -> None:
    """Copy the migrated database of this test process into a cluster."""
    found = programs(connection.pg_version // 10000)
    source = _with_name(os.environ["DATABASE_URL"], connection.settings_dict["NAME"])
    connection.close()
    empty = _with_name(cluster.url, "postgres")
    _run([found / "psql", "-q", "-c", "CREATE DATABASE pare", empty])
    dump = cluster.folder / "migrated.sql"
    _run([found / "pg_dump", "--no-owner", "--no-privileges", f"--file={dump}", source])
    _run([found / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-1", f"--file={dump}", cluster.url])
    _run([found / "psql", "-q", "-c", "ANALYZE", cluster.url])
    dump.unlink()


def _with_name(url: str, name: str) -> str:
    parts = urlsplit(url)._replace(path=f"/{name}")
    whole = urlunsplit(parts)
    return whole if parts.netloc or "///" in whole else whole.replace(":/", ":///", 1)


def _run(command: list[Any]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def connected(stack: Stack) -> Iterator[None]:
    """Have this test process use the stack's database, files and tasks."""
    before = dict(connection.settings_dict)
    name = settings.DATABASES["default"]["NAME"]
    found: dict[str, Any] = environ.Env.db_url_config(stack.cluster.url)
    connection.close()
    connection.settings_dict.update({"OPTIONS": {}, "HOST": "", "PORT": "", "USER": "", **found})
    ContentType.objects.clear_cache()
    files = storages(
        media=stack.media,
        private=stack.private,
        static="django.contrib.staticfiles.storage.StaticFilesStorage",
    )
    try:
        with (
            override_settings(
                SECRET_KEY=stack.secret,
                PUBLIC_URL=f"https://{HOST}",
                MEDIA_ROOT=stack.media,
                PRIVATE_ROOT=stack.private,
                STORAGES=files,
                TASKS=TASKS,
                OUTBOX_IMMEDIATE=False,
            ),
            moved_files(stack),
        ):
            yield
    finally:
        with suppress(Exception):
            connection.close()
        connection.settings_dict.clear()
        connection.settings_dict.update(before)
        settings.DATABASES["default"]["NAME"] = name
        ContentType.objects.clear_cache()


def file_fields() -> list[FileField]:
    """Return the fields of all models that hold a file."""
    fields = (field for model in apps.get_models() for field in model._meta.get_fields())
    return [field for field in fields if isinstance(field, FileField)]


@contextmanager
def moved_files(stack: Stack) -> Iterator[None]:
    """Have the storages write into the stack's folders: fields have theirs since models loaded."""
    storages_used = {id(field.storage): field.storage for field in file_fields()}
    with ExitStack() as moved:
        for storage in storages_used.values():
            folder = stack.private if "private" in storage.location else stack.media
            moved.enter_context(patch.object(storage, "location", str(folder)))
        yield
