"""A pooler of connections in front of a cluster: PgBouncer, one connection for each transaction."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import psycopg2
import pytest

from scripts.pgbouncer import find

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.postgresql import Cluster

START_SECONDS = 20
PORT = "6432"
CONNECTIONS = 8
CONFIGURATION = """\
[databases]
pare = host={host} port={port} user=postgres
[pgbouncer]
pool_mode = transaction
default_pool_size = {connections}
max_client_conn = 200
listen_addr =
listen_port = {own_port}
unix_socket_dir = {folder}
auth_type = any
admin_users = postgres
server_login_retry = 1
server_check_delay = 0
"""


class Pooler:
    """PgBouncer in a folder of its own.

    Attributes:
        url: leads through it to the database ``pare`` of the cluster.
    """

    def __init__(self, folder: Path, cluster: Cluster) -> None:
        self.folder, self.cluster = folder, cluster
        self.address = {"host": str(folder), "port": PORT, "user": "postgres"}
        self.url = f"postgres:///pare?{urlencode(self.address)}"
        self.configuration = folder / "pgbouncer.ini"
        shutil.chown(folder, cluster.options.get("user"), cluster.options.get("group"))
        self.lead_to(cluster)
        self.process = subprocess.Popen(
            [find(), str(self.configuration)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **cluster.options,
        )
        self._wait()

    def lead_to(self, cluster: Cluster) -> None:
        """Write its configuration, for a cluster; ``reload`` has it read."""
        text = CONFIGURATION.format(
            host=cluster.folder,
            port=cluster.address["port"],
            own_port=PORT,
            folder=self.folder,
            connections=CONNECTIONS,
        )
        self.configuration.write_text(text)

    def reload(self) -> None:
        """Have it read its configuration again, and leave the servers that are no more in it."""
        self.command("RELOAD")
        self.command("RECONNECT")

    def command(self, text: str) -> None:
        """Give it a command, at its console."""
        with closing(psycopg2.connect(dbname="pgbouncer", **self.address)) as console:
            console.autocommit = True
            with console.cursor() as cursor:
                cursor.execute(text)

    def stop(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.command("SHOW VERSION")
                return
            except psycopg2.OperationalError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
            time.sleep(0.05)


@contextmanager
def pooler(cluster: Cluster) -> Iterator[Pooler]:
    """Yield a pooler until the block ends; skip the test where the program is not installed."""
    if not find():
        pytest.skip("needs pgbouncer")
    with tempfile.TemporaryDirectory(prefix="pare-pgbouncer-") as folder:
        running = Pooler(Path(folder), cluster)
        try:
            yield running
        finally:
            running.stop()
