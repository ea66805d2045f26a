"""Index pages again when the terms, tags, territories or documents that they refer to change.

What decides whether a page may be seen is asked at every search, and not kept in the index.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from modelsearch.index import RelatedFields
from wagtail.models import CollectionViewRestriction, Page, ReferenceIndex

from core.models import Document
from core.registry import page_types
from search.tasks import index_pages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model

    from core.models import BasePage

TEXT_FIELDS = {"page_count", "text", "text_state", "file_size"}
"""What :func:`core.tasks.read_document` writes, which then indexes the pages itself."""


def find_indexed_relations() -> dict[type[Model], list[tuple[type[BasePage], str]]]:
    """Return the page types and fields that index rows of each model.

    Rows that belong to one page and are saved with it are left out.
    """
    relations = defaultdict(list)
    for model in page_types():
        for search_field in model.get_search_fields():
            if isinstance(search_field, RelatedFields):
                field = model._meta.get_field(search_field.field_name)
                if not field.one_to_many:
                    relations[field.related_model].append((model, field.name))
    return dict(relations)


def pages_indexing(instance: Model) -> list[int]:
    """Return the ids of the pages that index the instance."""
    return [
        pk
        for model, field in INDEXED_RELATIONS[type(instance)]
        for pk in model.objects.filter(**{field: instance}).values_list("pk", flat=True)
    ]


def pages_referring_to(documents: Iterable[int]) -> list[int]:
    """Return the keys of the pages that refer to any of these documents."""
    types = ContentType.objects.get_for_models(Page, Document)
    references = ReferenceIndex.objects.filter(
        base_content_type=types[Page],
        to_content_type=types[Document],
        to_object_id__in=[str(pk) for pk in documents],
    )
    return [int(pk) for pk in references.values_list("object_id", flat=True).distinct()]


def enqueue_indexing(ids: list[int]) -> None:
    """Enqueue the indexing of pages, if there are any."""
    if ids:
        index_pages.enqueue(ids)


def reindex_after_change(
    sender: type[Model], instance: Model, created: bool, raw: bool = False, **kwargs: Any
) -> None:
    """Index again the pages of a term, a tag or a territory that changes."""
    if not (created or raw):
        enqueue_indexing(pages_indexing(instance))


def remember_pages(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    """Store on a row the ids of the pages that index it, before its deletion."""
    instance.__dict__["_indexed_by"] = pages_indexing(instance)


def reindex_after_deletion(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    """Index again the pages of a term or a tag that is deleted."""
    enqueue_indexing(instance.__dict__.pop("_indexed_by", []))


@receiver((post_save, post_delete), sender=Document, dispatch_uid="search.document")
def reindex_after_document(
    instance: Document, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    """Index again the pages of a document that changes collection or is deleted."""
    if not (update_fields and update_fields <= TEXT_FIELDS):
        enqueue_indexing(pages_referring_to([instance.pk]))


@receiver(
    (post_save, post_delete), sender=CollectionViewRestriction, dispatch_uid="search.collection"
)
def reindex_after_privacy(instance: CollectionViewRestriction, **kwargs: Any) -> None:
    """Index again the pages of documents whose collection becomes private or public."""
    collections = instance.collection.get_descendants(inclusive=True)
    documents = Document.objects.filter(collection__in=collections)
    enqueue_indexing(pages_referring_to(documents.values_list("pk", flat=True)))


INDEXED_RELATIONS = find_indexed_relations()
for related_model in INDEXED_RELATIONS:
    post_save.connect(reindex_after_change, sender=related_model, dispatch_uid="search.change")
    pre_delete.connect(remember_pages, sender=related_model, dispatch_uid="search.before_deletion")
    post_delete.connect(
        reindex_after_deletion, sender=related_model, dispatch_uid="search.deletion"
    )
