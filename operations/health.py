"""Whether this process lives, and whether it can answer."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "operations:health"


def check_database() -> str:
    """Return "ok", or why the database does not answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"failing: {type(error).__name__}"
    return "ok"


def check_migrations() -> str:
    """Return "ok", or that some were not applied; they are not taken back under a live process."""
    try:
        return "ok" if _has_all_migrations() else "missing"
    except MigrationsMissing:
        return "missing"
    except DatabaseError as error:
        return f"unknown: {type(error).__name__}"


class MigrationsMissing(Exception):
    """Raised so that only the presence of all migrations is remembered."""


@lru_cache(maxsize=1)
def _has_all_migrations() -> bool:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise MigrationsMissing
    return True


def check_cache() -> str:
    """Return "ok", or why the cache does not answer: a site without one is only slower."""
    try:
        cache.set(KEY, 1, 10)
        return "ok" if cache.get(KEY) == 1 else "failing"
    except Exception as error:  # Each cache has errors of its own.
        return f"failing: {type(error).__name__}"


NEEDED: dict[str, Callable[[], str]] = {
    "database": check_database,
    "migrations": check_migrations,
}
USEFUL: dict[str, Callable[[], str]] = {"cache": check_cache}


def readiness() -> tuple[bool, dict[str, Any]]:
    """Return whether this process can answer, and what each check found."""
    found = {name: check() for name, check in NEEDED.items()}
    is_ready = all(result == "ok" for result in found.values())
    found |= {name: check() for name, check in USEFUL.items()}
    return is_ready, {"status": "ready" if is_ready else "not ready", "checks": found}
