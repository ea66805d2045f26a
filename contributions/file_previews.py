"""What is shown of a file that came with a contribution, without opening it on a computer."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contributions.inspection.previews import MAX_CHARACTERS, read_start, write_thumbnail
from contributions.models import FileState
from core.files.pdf import read_pdf
from core.files.sandbox import SandboxError, run_in_sandbox

if TYPE_CHECKING:
    from contributions.models import ContributionFile

PDF = "application/pdf"
TEXT = ("text/plain", "text/csv")
SECONDS = 10
"""Of a processor, at most: somebody waits."""


@dataclass(frozen=True)
class FilePreview:
    """A small picture of a file, or its first words."""

    content: bytes
    media_type: str


def preview_kind(file: ContributionFile) -> str:
    """Return whether a file has a small ``image`` or first words (``text``); empty if neither."""
    if file.state != FileState.CLEAN:
        return ""
    if file.is_image:
        return "image"
    return "text" if file.media_type in {PDF, *TEXT} else ""


def make_preview(file: ContributionFile) -> FilePreview | None:
    """Return the preview of a file, read in a limited process; ``None`` if it has none.

    Raises:
        FileNotFoundError: its content is gone.
    """
    kind = preview_kind(file)
    if not kind:
        return None
    with tempfile.TemporaryDirectory(prefix="pare-") as folder:
        path = Path(folder) / "received"
        with file.file.open("rb") as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
        try:
            return _image(path) if kind == "image" else _text(path, file.media_type)
        except SandboxError:
            return None


def _image(path: Path) -> FilePreview:
    thumbnail = path.with_name("thumbnail")
    run_in_sandbox(write_thumbnail, str(path), str(thumbnail), seconds=SECONDS)
    return FilePreview(thumbnail.read_bytes(), "image/jpeg")


def _text(path: Path, media_type: str) -> FilePreview | None:
    text = read_pdf(path, SECONDS).text if media_type == PDF else read_start(str(path))
    text = text[:MAX_CHARACTERS]
    if not text.strip():
        return None
    return FilePreview(text.encode(), "text/plain; charset=utf-8")
