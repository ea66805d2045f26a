"""The storage of files on a disk."""

from __future__ import annotations

from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

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
