"""What the inspection of a file answers, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass


class FileRejected(Exception):
    """A file may not be kept.

    Attributes:
        code: the reason, of those in :data:`contributions.files.REASONS`.
        name: what its sender called it, without what can't be shown.
    """

    def __init__(self, code: str, name: str = "") -> None:
        self.code, self.name = code, name
        super().__init__(code)


@dataclass(frozen=True)
class FileType:
    """What a file is, by its content."""

    media_type: str
    extension: str
    is_rewritten: bool = False
    """Its content was written anew: what was received is not to be kept."""
