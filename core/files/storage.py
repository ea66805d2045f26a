"""The storage of files on a disk."""

from __future__ import annotations

import logging
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files.storage import FileSystemStorage

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from django.core.files.storage import Storage

logger = logging.getLogger(__name__)

_writing: ContextVar[str] = ContextVar("writing", default="")


class WholeFileStorage(FileSystemStorage):
    """Django's storage, which keeps no part of a file that could not be written to its end."""

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        """Return a name that is free, and remember it as the one that is written."""
        # Django asks again where another takes the name meanwhile.
        available: str = super().get_available_name(name, max_length)
        _writing.set(available)
        return available

    def _save(self, name: str, content: Any) -> str:
        try:
            saved: str = super()._save(name, content)  # type: ignore[misc]
        except OSError:
            with suppress(OSError):
                Path(self.path(_writing.get() or name)).unlink()
            raise
        return saved


MAX_UNKNOWN = 20
"""More files than that without a row are a database that does not belong to them."""


def delete_unknown_files(
    storage: Storage, folder: str, known: Collection[str], before: datetime
) -> int:
    """Delete the files of a folder that no row refers to, and return how many.

    A process that is killed between storing a file and its row leaves one. Where there are many,
    a backup of one without the other was restored, and nothing is deleted.

    Args:
        storage: where they are.
        folder: looked through without the folders in it.
        known: the names that rows refer to.
        before: files that were changed since are left alone: their rows may yet come.
    """
    try:
        names = [f"{folder}/{name}" for name in storage.listdir(folder)[1]]
    except FileNotFoundError:
        return 0
    unknown = [
        name for name in names if name not in known and storage.get_modified_time(name) < before
    ]
    if len(unknown) > MAX_UNKNOWN:
        logger.error(
            "%d files of %s are unknown to the database, and are left there.", len(unknown), folder
        )
        return 0
    for name in unknown:
        storage.delete(name)
    return len(unknown)
