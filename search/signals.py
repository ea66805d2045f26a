"""Index items again when the terms, tags, territories or documents that they refer to change.

What decides whether an item may be seen is asked at every search, and not kept in the index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from taggit.models import Tag
from wagtail.models import CollectionViewRestriction

from core.models import Document, Territory, VocabularyTerm
from core.models.media import document_read
from published.models import ItemReference
from search.tasks import index_items

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model

TEXT_FIELDS = {"page_count", "text", "text_state", "is_tagged", "file_size"}
"""What :func:`core.tasks.read_document` writes, which then says that it has."""


def enqueue_indexing(kind: str, keys: Iterable[int]) -> None:
    """Enqueue the indexing of the items that refer to any of these, if there are any."""
    references = ItemReference.objects.filter(kind=kind, key__in=list(keys))
    ids = sorted(set(references.values_list("item", flat=True)))
    if ids:
        index_items.enqueue(ids)


@receiver((post_save, post_delete), dispatch_uid="search.term")
def reindex_after_term(
    sender: type[Model], instance: Model, raw: bool = False, created: bool = False, **kwargs: Any
) -> None:
    """Index again the items of a term, a tag or a territory that changes or goes."""
    if raw or created or not issubclass(sender, (VocabularyTerm, Territory, Tag)):
        return
    keys = {instance.pk}
    if issubclass(sender, VocabularyTerm):
        # Items refer to the French term, and are found by what it is called in their language.
        key = instance.translation_key  # type: ignore[attr-defined]
        keys |= set(
            sender._default_manager.filter(translation_key=key).values_list("pk", flat=True)
        )
    enqueue_indexing(sender._meta.model_name or "", keys)


@receiver(document_read, dispatch_uid="search.document_read")
def reindex_after_reading(instance: Document, **kwargs: Any) -> None:
    """Index again the items of a document whose text was read."""
    enqueue_indexing("document", [instance.pk])


@receiver((post_save, post_delete), sender=Document, dispatch_uid="search.document")
def reindex_after_document(
    instance: Document, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    """Index again the items of a document that changes collection or is deleted."""
    if not (update_fields and update_fields <= TEXT_FIELDS):
        enqueue_indexing("document", [instance.pk])


@receiver(
    (post_save, post_delete), sender=CollectionViewRestriction, dispatch_uid="search.collection"
)
def reindex_after_privacy(instance: CollectionViewRestriction, **kwargs: Any) -> None:
    """Index again the items of documents whose collection becomes private or public."""
    collections = instance.collection.get_descendants(inclusive=True)
    documents = Document.objects.filter(collection__in=collections)
    enqueue_indexing("document", documents.values_list("pk", flat=True))
