"""The files of the library that came from outside: what may hold them before their release."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import BigIntegerField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from core.compat import extract_references
from core.models import Document, Image
from review.models import ExternalContent
from review.provenance import pending_mark

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.db.models import Model, QuerySet

    FindOwnFiles = Callable[[type[Model], Model], QuerySet[Any]]

LIBRARY_MODELS: tuple[type[Document | Image], ...] = (Document, Image)

_find_own: list[FindOwnFiles] = []


def register_own_files(find: FindOwnFiles) -> None:
    """Register what finds the keys of the files that came with a content.

    Args:
        find: given the model of the files and a page or snippet, returns their keys.
    """
    _find_own[:] = [find]


def own_file_ids(model: type[Model], content: Model) -> QuerySet[Any]:
    """Return the keys of the files of a model that came with this very content."""
    for find in _find_own:
        return find(model, content)
    return model._default_manager.none().values("pk")


def external_ids(model: type[Model]) -> QuerySet[Any]:
    """Return the keys of the files of a model that came from outside and wait for their review."""
    marks = ExternalContent.objects.filter(
        content_type=ContentType.objects.get_for_model(model), is_pending=True
    )
    return marks.annotate(key=Cast("object_id", BigIntegerField())).values("key")


def is_external_file(file: Model) -> bool:
    """Return whether a file came from outside and waits for the review that releases it."""
    return pending_mark(file) is not None


def foreign_files(content: Model, references: Iterable[tuple[int, str]]) -> list[Any]:
    """Return the files from outside that a content may not hold, among those that it refers to.

    A file that came with a contribution belongs to the draft of that contribution alone, until
    the review that publishes it releases it.

    Args:
        content: the page, the snippet or the settings that refer to them.
        references: the content types and keys of what it refers to.
    """
    found: list[Any] = []
    for model in LIBRARY_MODELS:
        type_id = ContentType.objects.get_for_model(model).pk
        keys = {int(key) for to_type, key in references if to_type == type_id}
        if not keys:
            continue
        rows: QuerySet[Any] = model._default_manager.filter(pk__in=keys)
        external = rows.filter(pk__in=external_ids(model))
        if external and content.pk:
            external = external.exclude(pk__in=own_file_ids(model, content))
        found += external
    return found


def has_external_files() -> bool:
    """Return whether any file from outside waits for its review.

    To be asked before a content is searched for references, which is long: most often none does.
    """
    types = ContentType.objects.get_for_models(*LIBRARY_MODELS).values()
    return ExternalContent.objects.filter(content_type__in=types, is_pending=True).exists()


def foreign_files_of(content: Model) -> list[Any]:
    """Return the files from outside that a content in memory may not hold."""
    return foreign_files(
        content,
        [(each.to_content_type_id, each.to_object_id) for each in extract_references(content)],
    )


def describe_refused_files(files: list[Any]) -> str:
    """Return why a content may not hold these files, and what to do."""
    return _(
        "Ces fichiers viennent d'une contribution en relecture et ne peuvent servir que dans son "
        "brouillon : %(titles)s. Attendez sa publication, ou choisissez-en d'autres."
    ) % {"titles": ", ".join(f"« {file.title} »" for file in files)}
