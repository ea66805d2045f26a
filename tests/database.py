"""The databases of the tests: migrated once for each engine, then copied.

Migrations take half a minute of a processor, and a copy takes a moment. So one process migrates a
template; each process works on a copy, and takes a new one after a test that committed.
"""

from __future__ import annotations

import fcntl
import hashlib
import lzma
import re
import shutil
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from unittest.mock import patch

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]


class Engine(Protocol):
    """How an engine keeps databases and copies them."""

    def exists(self, name: str) -> bool:
        """Return whether a database is there."""

    def migrate(self, name: str) -> None:
        """Make a database by running every migration."""

    def copy(self, source: str, name: str) -> None:
        """Make a database like another, in the place of an older one, and connect to it."""

    def load(self, folder: Path, dump: str, name: str) -> None:
        """Make a database from a dump of an earlier release, and connect to it."""

    def drop(self, name: str) -> None:
        """Remove a database, if it is there."""

    def drop_older(self, prefix: str) -> None:
        """Remove the databases whose names start so."""


class SQLite:
    """Databases as files, in a folder of this account on this machine."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.gettempdir())

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"

    def exists(self, name: str) -> bool:
        return self._path(name).exists()

    def migrate(self, name: str) -> None:
        unfinished = self._path(f"{name}_unfinished")
        self.drop(unfinished.stem)
        connect_to(str(unfinished))
        migrate()
        with connection.cursor() as cursor:  # A copy would miss the write-ahead log.
            cursor.execute("PRAGMA journal_mode=DELETE")
        connection.close()
        unfinished.rename(self._path(name))

    def copy(self, source: str, name: str) -> None:
        connection.close()
        self.drop(name)
        shutil.copyfile(self._path(source), self._path(name))
        connect_to(str(self._path(name)))

    def load(self, folder: Path, dump: str, name: str) -> None:
        connection.close()
        self.drop(name)
        content = lzma.decompress((folder / f"{dump}.sqlite3.xz").read_bytes())
        self._path(name).write_bytes(content)
        connect_to(str(self._path(name)))

    def drop(self, name: str) -> None:
        connection.close()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path(name)}{suffix}").unlink(missing_ok=True)

    def drop_older(self, prefix: str) -> None:
        for path in self.folder.glob(f"{prefix}*.sqlite3"):
            self.drop(path.stem)


class PostgreSQL:
    """Databases of the server that DATABASE_URL names."""

    def exists(self, name: str) -> bool:
        return name in self._names()

    def migrate(self, name: str) -> None:
        unfinished = f"{name}_unfinished"
        self.drop(unfinished)
        self._execute(f'CREATE DATABASE "{unfinished}"')
        connect_to(unfinished)
        migrate()
        self._execute(f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"')

    def copy(self, source: str, name: str) -> None:
        self.drop(name)
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        connect_to(name)

    def load(self, folder: Path, dump: str, name: str) -> None:
        self.drop(name)
        self._execute(f'CREATE DATABASE "{name}"')
        connect_to(name)
        statements = lzma.decompress((folder / f"{dump}.sql.xz").read_bytes()).decode()
        with connection.cursor() as cursor:
            cursor.execute(statements)
        connection.close()  # The dump has set options of its session.

    def drop(self, name: str) -> None:
        # The thread of a live server may still hold a session.
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def drop_older(self, prefix: str) -> None:
        for name in self._names():
            if name.startswith(prefix):
                self.drop(name)

    def _names(self) -> list[str]:
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database")
            return [name for (name,) in cursor]

    def _execute(self, statement: str) -> None:
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(statement)


class TestDatabase:
    """The database of a process of the tests.

    Attributes:
        keep: whether the template outlives the run, until what migrations make changes.
    """

    __test__ = False

    def __init__(self, run: str, worker: str, *, keep: bool) -> None:
        """Choose the names.

        Args:
            run: names the run, alike in all of its processes.
            worker: names this process within the run.
            keep: see above.
        """
        self.keep = keep
        self.engine: Engine = PostgreSQL() if connection.vendor == "postgresql" else SQLite()
        # That of DATABASE_URL, so that whoever chose it can tell what is theirs.
        chosen = re.sub(r"\W", "", Path(str(settings.DATABASES["default"]["NAME"])).stem)
        checkout = hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]
        self.kept_prefix = f"test_pare_template_{checkout}_"
        self.run_prefix = f"test_{chosen}_{run}_"
        self.name = f"{self.run_prefix}{worker}"
        self.template = (
            f"{self.kept_prefix}{migrations_fingerprint()}"
            if keep
            else f"{self.run_prefix}template"
        )

    def build(self, *, again: bool = False) -> None:
        """Make the template unless another process has, and connect to a copy of it."""
        with locked(self.template):
            if again or not self.engine.exists(self.template):
                if self.keep:
                    self.engine.drop_older(self.kept_prefix)
                self.engine.migrate(self.template)
        self.restore()

    def restore(self) -> None:
        """Take a new copy of the template."""
        self.engine.copy(self.template, self.name)

    def load(self, folder: Path, dump: str) -> None:
        """Take the database of an earlier release in the place of the copy."""
        self.engine.load(folder, dump, self.name)

    def drop(self) -> None:
        """Remove the copy."""
        self.engine.drop(self.name)

    def drop_run(self) -> None:
        """Remove what is left of the run, once its processes have ended: some may have crashed."""
        self.engine.drop_older(self.run_prefix)
        if not self.keep:
            lock_path(self.template).unlink(missing_ok=True)


def migrate(*target: str) -> None:
    """Run the migrations that the database lacks, or go to some of an app."""
    with swappable_models_remembered():
        call_command("migrate", *target, verbosity=0, interactive=False)


@contextmanager
def swappable_models_remembered() -> Iterator[None]:
    """Let migrations look but once for the setting that names each model.

    Each model of each state has Django forget it (the cache is of the class, and not of each
    registry), and look through every model again for each field: a fifth of the time.
    """
    remembered = cache(apps.get_swappable_settings_name)
    with patch.object(apps, "get_swappable_settings_name", remembered):
        yield


def connect_to(name: str) -> None:
    """Have this process use another database of the same engine."""
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name
    # Another database may number its types otherwise, as that of an earlier release does.
    ContentType.objects.clear_cache()


def migrations_fingerprint() -> str:
    """Return a hash of what decides the content of a migrated database."""
    digest = hashlib.sha256()
    for app in apps.get_app_configs():
        folder = Path(app.path)
        if folder.is_relative_to(ROOT):
            for path in sorted([*folder.glob("migrations/*.py"), *folder.glob("data/*")]):
                digest.update(path.read_bytes())
    digest.update((ROOT / "requirements.txt").read_bytes())
    return digest.hexdigest()[:16]


def lock_path(name: str) -> Path:
    """Return the file of a lock."""
    return Path(tempfile.gettempdir()) / f"{name}.lock"


@contextmanager
def locked(name: str) -> Iterator[None]:
    """Hold a lock that the other processes of this machine respect."""
    with lock_path(name).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
