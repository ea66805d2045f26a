"""Reading what anyone may read from a copy of the database, where it is not behind.

The copy is a streaming replica of PostgreSQL: the setting ``DATABASE_REPLICA_URL``.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from django.db import (
    DEFAULT_DB_ALIAS,
    InterfaceError,
    OperationalError,
    connections,
    router,
)

from core.absences import Absences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db import models
    from django.db.backends.base.base import BaseDatabaseWrapper

Answer = TypeVar("Answer")

REPLICA_ALIAS = "replica"
_is_reading_replica: ContextVar[bool] = ContextVar("is_reading_replica", default=False)
ABSENCES = Absences("The database %s does not answer, the primary is read instead: %s")


class ReplicaRouter:
    """Every query goes to the primary, but those of a block that reads the replica.

    A transaction reads where it writes, whatever surrounds it.
    """

    def db_for_read(self, model: type[models.Model], **hints: object) -> str:
        """Return the replica within :func:`reading_replica`, or else the primary."""
        if _is_reading_replica.get() and not connections[DEFAULT_DB_ALIAS].in_atomic_block:
            return REPLICA_ALIAS
        return DEFAULT_DB_ALIAS

    def db_for_write(self, model: type[models.Model], **hints: object) -> str:
        """Return the primary, for a row that was read from the replica too."""
        return DEFAULT_DB_ALIAS

    def allow_relation(self, first: models.Model, second: models.Model, **hints: object) -> bool:
        """Return True: both hold the same rows."""
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: object) -> bool:
        """Return whether it is the primary: a replica follows."""
        return db == DEFAULT_DB_ALIAS


def connection_for_read(model: type[models.Model]) -> BaseDatabaseWrapper:
    """Return the connection on which hand-written SQL reads the rows of a model."""
    return connections[router.db_for_read(model)]


@contextmanager
def reading_replica() -> Iterator[None]:
    """Read from the replica within the block."""
    token = _is_reading_replica.set(True)
    try:
        yield
    finally:
        _is_reading_replica.reset(token)


def build_from_replica(
    build: Callable[[], Answer], version: int, get_version: Callable[[], int]
) -> tuple[Answer, bool]:
    """Return what is built from the replica if it holds this version, or else from the primary.

    And whether it is from the replica.

    The version counts all changes of what anyone may read, in their transactions: where both
    have the same number, both give the same answer, however late the replica is with the rest.

    Args:
        build: makes the answer, and writes nothing that it would read.
        version: of the content, on the primary.
        get_version: returns it, from where it is called.
    """
    if REPLICA_ALIAS not in connections or REPLICA_ALIAS in ABSENCES:
        return build(), False
    try:
        with reading_replica():
            if get_version() == version:
                return build(), True
    except (OperationalError, InterfaceError) as error:
        # It may have been the primary, which then fails again below.
        ABSENCES.add(REPLICA_ALIAS, error)
        connections[REPLICA_ALIAS].close()
    return build(), False
