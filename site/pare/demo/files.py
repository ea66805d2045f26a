"""The pictures and PDF files of the demonstration, by the keys of what they are for."""

from __future__ import annotations

from pathlib import Path

from django.core.files.base import ContentFile

FOLDER = Path(__file__).resolve().parent


def has_cover(key: str) -> bool:
    """Return whether there is a picture for an item."""
    return _cover(key).is_file()


def read_cover(key: str) -> ContentFile[bytes]:
    """Return the picture of an item."""
    return _read(_cover(key))


def read_document(key: str) -> ContentFile[bytes]:
    """Return the PDF file with this key."""
    return _read(FOLDER / "documents" / f"{key}.pdf")


def _cover(key: str) -> Path:
    return FOLDER / "covers" / f"{key}.webp"


def _read(path: Path) -> ContentFile[bytes]:
    return ContentFile(path.read_bytes(), path.name)
