"""A database in a file and back, and what is compared to know that nothing is missing."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sqlite3
import subprocess
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
from django.conf import settings
from django.db import connection
from psycopg2 import sql

if TYPE_CHECKING:
    from collections.abc import Iterator

Digests = dict[str, str]
"""Of each table: how many rows it has, and a digest of them that knows no order."""

LOCK_SECONDS = 10
IN_USE = "The database is in use: stop the web servers and workers."


class BackupError(Exception):
    """Raised for what an operator must look at: it is shown as it is."""


def engine() -> str:
    """Return the engine of the database: postgresql or sqlite."""
    return connection.vendor


def dump(path: Path) -> Digests:
    """Write the whole database to a file, as it is at one moment.

    Returns:
        The digests of its tables at that moment.

    Raises:
        BackupError: a program of PostgreSQL is missing, or refused.
    """
    if engine() == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(copy)
            return _sqlite_digests(copy)
    with closing(psycopg2.connect(**_parameters())) as source:
        source.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with source.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            options = ["--format=custom", "--no-owner", "--no-privileges"]
            _run("pg_dump", *options, f"--snapshot={snapshot}", f"--file={path}")
            return _postgresql_digests(cursor)


def load(path: Path) -> Digests:
    """Replace the database by that of a file, all or nothing.

    Returns:
        The digests of its tables.

    Raises:
        BackupError: a program of PostgreSQL is missing or refused, or the database is in use.
    """
    connection.close()
    if engine() == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as stored:
            stored.backup(connection.connection)
        # Read back apart: Django's connection turns values into dates and the like.
        with closing(sqlite3.connect(":memory:")) as loaded:
            connection.connection.backup(loaded)
            return _sqlite_digests(loaded)
    parameters = _parameters()
    with closing(psycopg2.connect(**parameters)) as target, target, target.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        try:
            cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        except psycopg2.errors.LockNotAvailable as error:
            raise BackupError(
                "The database is in use: stop the web servers and workers."
            ) from error
    return _load_postgresql(path, parameters)


def is_empty() -> bool:
    """Return whether the database has no table."""
    return not connection.introspection.table_names()


@contextmanager
def loaded_aside(path: Path) -> Iterator[Digests]:
    """Load a file into a database made for it, which is dropped at the end.

    Yields:
        The digests of its tables.

    Raises:
        BackupError: the role may not create a database, or the file does not load.
    """
    if engine() == "sqlite":
        with closing(sqlite3.connect(path)) as stored:
            problem = stored.execute("PRAGMA integrity_check").fetchone()[0]
            if problem != "ok":
                raise BackupError(f"The copy of the database is damaged: {problem}")
            yield _sqlite_digests(stored)
        return
    parameters = _parameters()
    name = sql.Identifier(f"pare_check_{secrets.token_hex(4)}")
    with closing(psycopg2.connect(**parameters)) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            try:
                cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
            except psycopg2.errors.InsufficientPrivilege as error:
                raise BackupError(
                    "The copy can't be tried, since the role may create no database. "
                    "ALTER ROLE … CREATEDB, or leave this out with --no-check."
                ) from error
            try:
                yield _load_postgresql(path, {**parameters, "dbname": name.string})
            finally:
                with suppress(psycopg2.Error):
                    cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _load_postgresql(path: Path, parameters: dict[str, Any]) -> Digests:
    options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
    _run("pg_restore", *options, f"--dbname={_address(parameters)}", str(path))
    with closing(psycopg2.connect(**parameters)) as loaded, loaded.cursor() as cursor:
        return _postgresql_digests(cursor)


def _parameters() -> dict[str, Any]:
    """Return the connection's parameters that are libpq's own."""
    ours = {"cursor_factory", "options", "client_encoding", "assume_role", "pool"}
    given = connection.get_connection_params()
    return {name: value for name, value in given.items() if name not in ours and value is not None}


def _address(parameters: dict[str, Any]) -> str:
    """Return the parameters in one text, but the password: arguments of a program are public."""
    return psycopg2.extensions.make_dsn(
        **{name: value for name, value in parameters.items() if name != "password"}
    )


def _run(program: str, *arguments: str) -> None:
    found = shutil.which(program, path=settings.POSTGRESQL_BIN or None)
    if not found:
        raise BackupError(
            f"{program} is not installed: it comes with PostgreSQL's client (postgresql-client), "
            "of the server's version or a later one. POSTGRESQL_BIN names its folder."
        )
    parameters = _parameters()
    command = [found, *arguments]
    if not any(each.startswith("--dbname=") for each in arguments):
        command.append(f"--dbname={_address(parameters)}")
    environment = {**os.environ, "PGPASSWORD": str(parameters.get("password", ""))}
    # A program of the operator's, with names that we made.
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, env=environment, check=False
    )
    if done.returncode:
        raise BackupError(f"{program}: {done.stderr.strip()}")


def _postgresql_digests(cursor: Any) -> Digests:
    cursor.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p') ORDER BY 1"
    )
    digests = {}
    for (table,) in cursor.fetchall():
        # Each row as text, so that columns of every type count; in the order of their digests.
        cursor.execute(
            sql.SQL(
                "SELECT count(*), md5(coalesce(string_agg(d, '' ORDER BY d COLLATE \"C\"), ''))"
                " FROM (SELECT md5(t::text) AS d FROM {} AS t) AS rows"
            ).format(sql.Identifier(table))
        )
        rows, digest = cursor.fetchone()
        digests[table] = f"{rows} rows, {digest}"
    cursor.execute(
        "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
    )
    digests |= {f"sequence {name}": str(value) for name, value in cursor.fetchall()}
    return digests


def _sqlite_digests(source: sqlite3.Connection) -> Digests:
    tables = source.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        " ORDER BY name"
    ).fetchall()
    digests = {}
    for (table,) in tables:
        name = table.replace('"', '""')
        rows = sorted(
            hashlib.md5(repr(tuple(row)).encode(), usedforsecurity=False).hexdigest()
            for row in source.execute(f'SELECT * FROM "{name}"')  # noqa: S608 (a name, escaped)
        )
        digest = hashlib.md5("".join(rows).encode(), usedforsecurity=False).hexdigest()
        digests[table] = f"{len(rows)} rows, {digest}"
    return digests
