"""The names of Wagtail and of its packages that no documentation promises, and nothing else.

Read this package first when upgrading Wagtail: the rest of the code imports these names from
here, and ``tests/core/test_compat.py`` fails if one of them goes or changes. This module alone
can be imported while models load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wagtail.models import ReferenceIndex
from wagtail.search.tasks import insert_or_update_object_task
from wagtail.utils.file import hash_filelike

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import Model

__all__ = [
    "Reference",
    "extract_references",
    "hash_content_path",
    "hash_filelike",
    "insert_or_update_object_task",
]


class Reference(NamedTuple):
    """A reference from one object to another, as Wagtail finds it."""

    to_content_type_id: int
    to_object_id: str
    model_path: str
    content_path: str


def extract_references(instance: Model) -> list[Reference]:
    """Return the references of an object as it is in memory.

    The stored index follows what is saved, which may be older.
    """
    return [Reference(*each) for each in ReferenceIndex._extract_references_from_object(instance)]


def hash_content_path(content_path: str) -> UUID:
    """Return what ``ReferenceIndex.content_path_hash`` holds for a path."""
    digest: UUID = ReferenceIndex._get_content_path_hash(content_path)
    return digest
