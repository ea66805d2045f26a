"""Files in an object storage that speaks S3's protocol, as those on a disk behave.

What fails is an OSError, as it is of a disk, so that one file that is gone costs itself. No address
of the storage is ever given out: public files have ours, which the reverse proxy fetches from their
bucket, and private ones none.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.utils.deconstruct import deconstructible
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3File, S3Storage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

NOT_FOUND = 404
IN_MEMORY_BYTES = 1024 * 1024
"""How much of a file that is read is kept in memory; a larger one goes through a temporary file."""


@contextmanager
def _as_os_errors(name: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == NOT_FOUND:
            raise FileNotFoundError(name) from error
        raise OSError(f"{name}: {error}") from error
    except (Boto3Error, BotoCoreError) as error:
        raise OSError(f"{name}: {error}") from error


class ObjectFile(S3File):
    """A file of an object storage, fetched once it is read."""

    def _get_file(self) -> Any:
        with _as_os_errors(self.name):
            return super()._get_file()

    file = property(_get_file, S3File._set_file)


@deconstructible
class ObjectStorage(S3Storage):
    """One bucket.

    Args:
        base_url: of the addresses that its files have; without one, they are paths at which nothing
            answers.
        settings: of django-storages: ``bucket_name``, ``endpoint_url``, ``region_name``…
    """

    def __init__(self, *, base_url: str = "", **settings: Any) -> None:
        self.base_url = base_url
        super().__init__(
            **{
                "file_overwrite": False,
                "max_memory_size": IN_MEMORY_BYTES,
                # Not among the settings: Wagtail gives those to a task, as JSON.
                "client_config": Config(
                    connect_timeout=3,
                    read_timeout=20,
                    retries={"total_max_attempts": 3},
                    # Which AWS alone understands.
                    request_checksum_calculation="when_required",
                    response_checksum_validation="when_required",
                    s3={"addressing_style": "path"},
                ),
                **settings,
            }
        )

    def url(self, name: str, *_args: Any, **_kwargs: Any) -> str:
        """Return the address that a file has here, never that of the bucket."""
        return f"{self.base_url}{filepath_to_uri(name)}"

    def _open(self, name: str, mode: str = "rb") -> ObjectFile:
        with _as_os_errors(name):
            return ObjectFile(self._normalize_name(name), mode, self)

    def _save(self, name: str, content: Any) -> str:
        with _as_os_errors(name):
            saved: str = super()._save(name, content)
            return saved

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there is none.

        Raises:
            OSError: the storage refuses, or does not answer.
        """
        with _as_os_errors(name):
            super().delete(name)

    def exists(self, name: str) -> bool:
        """Return whether there is such a file.

        Raises:
            OSError: the storage refuses, or does not answer.
        """
        with _as_os_errors(name):
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        """Return how many bytes a file has.

        Raises:
            FileNotFoundError: there is none.
            OSError: the storage refuses, or does not answer.
        """
        with _as_os_errors(name):
            return int(super().size(name))

    def listdir(self, name: str) -> tuple[list[str], list[str]]:
        """Return the folders and the files of a folder.

        Raises:
            OSError: the storage refuses, or does not answer.
        """
        with _as_os_errors(name):
            folders, files = super().listdir(name)
            return folders, files

    def get_modified_time(self, name: str) -> datetime:
        """Return when a file was last written.

        Raises:
            FileNotFoundError: there is none.
            OSError: the storage refuses, or does not answer.
        """
        with _as_os_errors(name):
            moment: datetime = super().get_modified_time(name)
            return moment
