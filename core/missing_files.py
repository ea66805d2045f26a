"""Files of the library that are gone: a disk that failed, or a backup without them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, NamedTuple

from core.models import Document, Image

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.db.models.fields.files import FieldFile

logger = logging.getLogger(__name__)

BATCH_SIZE = 500


class Checked(NamedTuple):
    """How many files were looked for, and how many of them are gone."""

    files: int
    missing: int


def check_files(now: datetime) -> Checked:
    """Look for the file of each document and image, and record those that are gone."""
    count = missing = 0
    for file in _files():
        is_gone = not all(_is_there(each) for each in _stored(file))
        count += 1
        missing += is_gone
        if is_gone != (file.missing_since is not None):
            # Not what the public reads of it, so neither the signals nor the version.
            rows: QuerySet[Any] = type(file)._default_manager.filter(pk=file.pk)
            rows.update(missing_since=now if is_gone else None)
            if is_gone:
                logger.error("The file of %s %s is gone: %s", type(file).__name__, file.pk, file)
    return Checked(count, missing)


def _files() -> Iterator[Document | Image]:
    # Django looks at its width and height as soon as an image is read.
    images = Image.objects.only("title", "file", "width", "height", "missing_since")
    yield from images.iterator(BATCH_SIZE)
    documents = Document.objects.select_related("public_version").defer(
        "text", "public_version__text"
    )
    yield from documents.iterator(BATCH_SIZE)


def _stored(file: Document | Image) -> list[FieldFile]:
    """Return what is stored of a file: a document may have another for the public."""
    public = file.public_version if isinstance(file, Document) else None
    return [file.file, *([public.file] if public else [])]


def _is_there(file: FieldFile) -> bool:
    return bool(file) and file.storage.exists(str(file.name))
