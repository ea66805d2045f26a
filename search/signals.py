"""Have the index follow what pages say of other things: terms, tags, territories, documents.

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


def what_pages_say() -> dict[type[Model], list[tuple[type[BasePage], str]]]:
    """Return, for each model of which pages say something, those pages' types and fields.

    Rows that belong to one page and are saved with it are left out.
    """
    data = defaultdict(list)
    for model in page_types():
        for search_field in model.get_search_fields():
            if isinstance(search_field, RelatedFields):
                field = model._meta.get_field(search_field.field_name)
                if not field.one_to_many:
                    data[field.related_model].append((model, field.name))
    return dict(data)


def pages_that_say(instance: Model) -> list[int]:
    """Return the keys of the pages in whose index there are words of the instance."""
    return [
        pk
        for model, field in SAID[type(instance)]
        for pk in model.objects.filter(**{field: instance}).values_list("pk", flat=True)
    ]


def pages_that_refer_to(documents: Iterable[int]) -> list[int]:
    """Return the keys of the pages that refer to any of these documents."""
    types = ContentType.objects.get_for_models(Page, Document)
    references = ReferenceIndex.objects.filter(
        base_content_type=types[Page],
        to_content_type=types[Document],
        to_object_id__in=[str(pk) for pk in documents],
    )
    return [int(pk) for pk in references.values_list("object_id", flat=True).distinct()]


def index_later(ids: list[int]) -> None:
    """Have pages indexed in the background, if there are any."""
    if ids:
        index_pages.enqueue(ids)


def follow_change(
    sender: type[Model], instance: Model, created: bool, raw: bool = False, **kwargs: Any
) -> None:
    """Follow a term, a tag or a territory that is renamed."""
    if not (created or raw):
        index_later(pages_that_say(instance))


def note_before_deletion(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    """Note which pages say it, for as long as they can be told."""
    instance.__dict__["_said_by"] = pages_that_say(instance)


def follow_deletion(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    """Follow a term or a tag that is deleted."""
    index_later(instance.__dict__.pop("_said_by", []))


@receiver((post_save, post_delete), sender=Document, dispatch_uid="search.document")
def follow_document(
    instance: Document, update_fields: frozenset[str] | None = None, **kwargs: Any
) -> None:
    """Follow a document that changes collection, which may be private, or goes away."""
    if not (update_fields and update_fields <= TEXT_FIELDS):
        index_later(pages_that_refer_to([instance.pk]))


@receiver(
    (post_save, post_delete), sender=CollectionViewRestriction, dispatch_uid="search.collection"
)
def follow_privacy(instance: CollectionViewRestriction, **kwargs: Any) -> None:
    """Follow a collection of documents that becomes private or public."""
    collections = instance.collection.get_descendants(inclusive=True)
    documents = Document.objects.filter(collection__in=collections)
    index_later(pages_that_refer_to(documents.values_list("pk", flat=True)))


SAID = what_pages_say()
for data in SAID:
    post_save.connect(follow_change, sender=data, dispatch_uid="search.change")
    pre_delete.connect(note_before_deletion, sender=data, dispatch_uid="search.before_deletion")
    post_delete.connect(follow_deletion, sender=data, dispatch_uid="search.deletion")
