"""Decide what a file is by its content, and whether it may be kept.

What comes from outside must not reach the web process, whatever it does to those who read it. So
nothing here needs Django, and :func:`inspect_file` is run by :mod:`core.files.sandbox`. Each format
has its module; :mod:`contributions.files` has the reasons in words.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from contributions.inspection.signatures import PDF, ZIP, reject_by_signature
from contributions.inspection.types import FileRejected, FileType
from core.files.image_containers import looks_like_image

__all__ = ["FileRejected", "FileType", "inspect", "inspect_file"]


def inspect(path: Path, extension: str, rewritten: Path) -> FileType:
    """Return what the file is.

    Args:
        path: where it is.
        extension: what its name ends with, lower case, without the dot.
        rewritten: where to write an image anew.

    Raises:
        FileRejected: it may not be kept.
    """
    # Each reader is loaded for its own files only: the process lives for one.
    with path.open("rb") as file:
        head = file.read(4096)
        if not head:
            raise FileRejected("empty")
        reject_by_signature(head)
        file.seek(0)
        if head.startswith(PDF):
            from contributions.inspection.pdf import inspect_pdf  # noqa: PLC0415 (see above)

            return inspect_pdf(path, file)
        if head.startswith(ZIP):
            from contributions.inspection.office import inspect_package  # noqa: PLC0415

            return inspect_package(file)
        if looks_like_image(head):
            from contributions.inspection.image import inspect_image  # noqa: PLC0415

            return inspect_image(file, rewritten)
        from contributions.inspection.text import inspect_text  # noqa: PLC0415

        return inspect_text(file, extension)


def inspect_file(path: str, extension: str, rewritten: str) -> dict[str, Any]:
    """Return the fields of a :class:`FileType`, or the code of the reason under ``rejected``."""
    try:
        return asdict(inspect(Path(path), extension, Path(rewritten)))
    except FileRejected as rejected:
        return {"rejected": rejected.code}
    except MemoryError:
        return {"rejected": "bomb"}
