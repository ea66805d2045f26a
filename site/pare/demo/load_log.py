"""Which items of the demonstration were ever loaded.

Wagtail keeps a log of what is done to each object, even once the object is
deleted. The entry « created » of an item of ours carries a UUID made from the
item's key, so that the log holds what was loaded, and into which object,
without a table of ours: what an editor deleted is known, and does not come back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from wagtail.log_actions import log
from wagtail.models import ModelLogEntry, PageLogEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model

NAMESPACE = UUID("6f1f8a52-6a0e-5a8c-9c7c-1f5f0a3b7d21")


def uuid_of(kind: str, key: str) -> UUID:
    """Return the UUID of an item: the same in every database."""
    return uuid5(NAMESPACE, f"{kind}:{key}")


class LoadLog:
    """What was loaded so far, of the given items."""

    def __init__(self, items: Iterable[tuple[str, str]]) -> None:
        """Read the log, in two queries.

        Args:
            items: the kinds and keys of all that may be loaded.
        """
        names = {uuid_of(kind, key): (kind, key) for kind, key in items}
        self._ids: dict[tuple[str, str], int] = {}
        for entries, column in (
            (PageLogEntry.objects, "page_id"),
            (ModelLogEntry.objects, "object_id"),
        ):
            rows = entries.filter(uuid__in=names, action="wagtail.create")
            for uuid, key in rows.values_list("uuid", column):
                self._ids[names[uuid]] = int(key)

    def has(self, kind: str, key: str) -> bool:
        """Return whether an item was loaded, be it still there or not."""
        return (kind, key) in self._ids

    def ids(self, kind: str) -> dict[str, int]:
        """Return the primary keys of the items of a kind; some may not be there any more."""
        return {key: pk for (of_kind, key), pk in self._ids.items() if of_kind == kind}

    def add(self, kind: str, key: str, instance: Model) -> None:
        """Log that an item was loaded into ``instance``."""
        log(instance=instance, action="wagtail.create", uuid=uuid_of(kind, key))
        self._ids[kind, key] = instance.pk
