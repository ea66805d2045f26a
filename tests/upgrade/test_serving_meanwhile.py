"""The last release serves while the migrations of the next one run.

Those of ``while_stopped.txt`` are of releases for whose upgrade the site is stopped. A new one that
breaks the last release is split into two releases, or listed there with a word in
``docs/upgrading.md``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter
from django_migration_linter.sql_analyser import analyse_sql_statements

import pare

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL"),
]

ROOT = Path(pare.__file__).resolve().parents[2]
WHILE_STOPPED = Path(__file__).with_name("while_stopped.txt")


def our_migrations() -> set[tuple[str, str]]:
    loader = MigrationLoader(connection)
    return {
        (app, name)
        for (app, name), migration in loader.disk_migrations.items()
        if (ROOT / app / "migrations" / f"{name}.py").is_file()
    }


def while_stopped() -> set[tuple[str, str]]:
    lines = WHILE_STOPPED.read_text().split()
    return {(app, name) for app, _dot, name in (line.partition(".") for line in lines)}


def breaks(app: str, name: str) -> list[str]:
    """Return what of a migration the last release would not live through."""
    linter = MigrationLinter(str(ROOT), no_cache=True, no_output=True)
    errors, _ignored, _warnings = analyse_sql_statements(
        linter.sql_analyser_class, linter.get_sql(app, name), linter.exclude_migration_tests
    )
    return [error.code for error in errors]


def test_the_last_release_lives_through_new_migrations() -> None:
    found = {
        f"{app}.{name}": codes
        for app, name in sorted(our_migrations() - while_stopped())
        if (codes := breaks(app, name))
    }

    assert found == {}


def test_one_that_it_does_not_live_through_is_found() -> None:
    assert "DROP_COLUMN" in breaks("events", "0004_sessions_as_admitted")


def test_those_that_are_listed_are_there() -> None:
    assert while_stopped() <= our_migrations()
