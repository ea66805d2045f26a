"""Doing something in one process at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction

from background.models import Lock

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def exclusively(name: str) -> Iterator[None]:
    """Run the block in a transaction that waits for others of this name, in whatever process.

    The lock goes with the transaction, so with the connection of a process that dies.
    """
    Lock.objects.get_or_create(name=name)
    # SQLite has one writer at a time, whose transaction has begun here.
    with transaction.atomic():
        Lock.objects.select_for_update().get(name=name)
        yield
