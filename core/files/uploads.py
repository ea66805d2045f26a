"""Files that come in, on a disk that may be full: what was typed beside them is never lost."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.core.files.storage import Storage

logger = logging.getLogger(__name__)

NO_ROOM = _(
    "Nous ne pouvons pas garder ce fichier pour le moment. Le reste est là : réessayez plus tard."
)


class UnstoredFile(UploadedFile[Any]):
    """A file that could not be written while it was received: a form refuses it."""


class CarefulUploadHandler(TemporaryFileUploadHandler):
    """Django's handler of large files, which reads the rest of the form where the disk is full."""

    error: OSError | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a temporary file."""
        self.error = None
        try:
            super().new_file(*args, **kwargs)
        except OSError as error:
            self._give_up(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece of the file, unless it was given up."""
        if self.error is None:
            try:
                super().receive_data_chunk(raw_data, start)
            except OSError as error:
                self._give_up(error)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        """Return the file, or what stands for it where it was given up."""
        if self.error is None:
            try:
                return super().file_complete(file_size)
            except OSError as error:
                self._give_up(error)
        return UnstoredFile(ContentFile(b""), self.file_name, self.content_type, file_size)

    def _give_up(self, error: OSError) -> None:
        logger.error("A file that is sent in can't be written: %s", error)
        self.error = error
        with suppress(AttributeError, OSError):
            self.file.close()


def refuse_unstored(file: Any) -> None:
    """Refuse a file that could not be written while it was received.

    Raises:
        ValidationError: it is one.
    """
    if isinstance(file, UnstoredFile):
        raise ValidationError(NO_ROOM, code="no_room")


def check_room(storage: Storage, file: File[Any]) -> None:
    """Refuse a file that the storage has no room for, while its form can still show that.

    It is written and removed: free space alone does not show quotas, nor disks that are read-only.

    Raises:
        ValidationError: it can't be written.
    """
    name = f"{get_random_string(20)}.room"
    try:
        storage.delete(storage.save(name, File(file)))
    except OSError as error:
        logger.error("A file can't be stored: %s", error)
        raise ValidationError(NO_ROOM, code="no_room") from error
    finally:
        file.seek(0)
