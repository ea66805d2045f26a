"""Which items the public may read now, and in which language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, ExpressionWrapper, F, Model, OuterRef, Q, QuerySet
from django.utils import timezone
from wagtail.models import Page, PageViewRestriction, ReferenceIndex

from core.registry import find_schema
from published.models import Item, ItemReference
from review.files import external_ids, is_external_file

P = TypeVar("P", bound=Page)
Condition = Callable[[], Q]

CONDITIONS: dict[type[Model], Condition] = {}
"""For each model that is no page, whether its row of an item is shown now."""


def register_condition(model: type[Model], condition: Condition) -> None:
    """Register whether the rows of a model are shown now, as a condition on its items."""
    CONDITIONS[model] = condition


def _is_unrestricted(path: str) -> Any:
    reader = ExpressionWrapper(OuterRef(path), output_field=CharField())
    restrictions = PageViewRestriction.objects.alias(reader=reader)
    return ~Exists(restrictions.filter(reader__startswith=F("page__path")))


def _shown_to_some(prefix: str = "") -> Q:
    """Return the condition of what somebody may read now: live, and not expired.

    Expiry is asked of the clock, since ``live`` only follows it at the next run of
    ``publish_scheduled``.
    """
    expiry = f"{prefix}expire_at"
    return Q(
        Q(**{f"{expiry}__isnull": True}) | Q(**{f"{expiry}__gt": timezone.now()}),
        **{f"{prefix}live": True},
    )


def _shown(prefix: str = "") -> Q:
    """Return the condition of what anyone may read now: that without a restriction."""
    return Q(_shown_to_some(prefix), _is_unrestricted(f"{prefix}path"))


def visible(pages: QuerySet[P]) -> QuerySet[P]:
    """Filter the pages of which anyone may read something now: their item, and not their row."""
    return pages.filter(_shown(), published_item__isnull=False)


def is_visible(page: Page) -> bool:
    """Return whether anyone may read something of this page now."""
    return visible(Page.objects.filter(pk=page.pk)).exists()


def page_items() -> QuerySet[Item]:
    """Return the items of pages that anyone may read now."""
    return Item.objects.filter(_shown("page__"), page__isnull=False)


def restricted_or_public_items() -> QuerySet[Item]:
    """Return the items of pages that anyone may read now, or some readers only."""
    return Item.objects.filter(_shown_to_some("page__"), page__isnull=False)


def items(*kinds: str) -> QuerySet[Item]:
    """Return the items of kinds of pages that anyone may read now."""
    return page_items().filter(kind__in=kinds)


def items_of(model: type[Model]) -> QuerySet[Item]:
    """Return the items of a model that is no page, those whose rows are shown now."""
    content_type = ContentType.objects.get_for_model(model)
    return Item.objects.filter(CONDITIONS[model](), content_type=content_type)


def in_language(rows: QuerySet[Item], language: str, fallback: bool) -> QuerySet[Item]:
    """Filter the items in a language; with *fallback*, add French ones not translated into it.

    Args:
        rows: visible items.
        language: BCP 47.
        fallback: whether French may stand in.
    """
    if not fallback or language == settings.LANGUAGE_CODE:
        return rows.filter(language=language)
    translated = rows.order_by().filter(
        language=language, translation_key=OuterRef("translation_key")
    )
    french = Q(~Exists(translated), language=settings.LANGUAGE_CODE)
    return rows.filter(Q(language=language) | french)


def item_of(thing: Model) -> Item | None:
    """Return the item of a thing, whether or not it is shown now."""
    if isinstance(thing, Page):
        found: Item | None = getattr(thing, "published_item", None)
        return found
    return Item.objects.filter(
        content_type=ContentType.objects.get_for_model(thing), thing_id=thing.pk
    ).first()


def shown_references(kind: str) -> QuerySet[ItemReference]:
    """Return what visible items refer to, of one kind (``document``, ``image``)."""
    shown = Q(item__in=page_items().values("pk"))
    for model in CONDITIONS:
        shown |= Q(item__in=items_of(model).values("pk"))
    return ItemReference.objects.filter(shown, kind=kind)


def is_public_file(file: Model) -> bool:
    """Return whether something that anyone may read now refers to a document or an image.

    That is an item, or a snippet that is public on saving (``affects_public_content``). What came
    from outside and waits for its review is not public, whatever refers to it.
    """
    kind = str(file._meta.model_name)
    is_referred = (
        shown_references(kind).filter(key=file.pk).exists()
        or _references_of_snippets(type(file)).filter(to_object_id=str(file.pk)).exists()
    )
    return is_referred and not is_external_file(file)


def public_file_keys(model: type[Model]) -> set[int]:
    """Return the keys of the documents or images for which :func:`is_public_file` holds."""
    kind = str(model._meta.model_name)
    keys = set(shown_references(kind).values_list("key", flat=True))
    others = _references_of_snippets(model).values_list("to_object_id", flat=True)
    outside = set(external_ids(model).values_list("key", flat=True))
    return (keys | {int(key) for key in others}) - outside


class PublishedFileUses:
    """The files to which something published refers, shown now or not.

    A page that is published and private, or expired, is public again when its restriction is
    lifted, without anyone reading it anew.
    """

    def is_published(self, file: Model) -> bool:
        """Return whether something published refers to a document or an image."""
        references = ItemReference.objects.filter(kind=file._meta.model_name, key=file.pk)
        snippets = _references_of_snippets(type(file)).filter(to_object_id=str(file.pk))
        return references.exists() or snippets.exists()

    def published_keys(self, model: type[Model]) -> set[int]:
        """Return the keys of the documents or the images to which something published refers."""
        references = ItemReference.objects.filter(kind=model._meta.model_name)
        others = _references_of_snippets(model).values_list("to_object_id", flat=True)
        return set(references.values_list("key", flat=True)) | {int(key) for key in others}


def _references_of_snippets(model: type[Model]) -> QuerySet[ReferenceIndex]:
    snippets = [
        each
        for each in apps.get_models()
        if getattr(each, "affects_public_content", False) and find_schema(each) is None
    ]
    return ReferenceIndex.objects.filter(
        content_type__in=ContentType.objects.get_for_models(*snippets).values(),
        to_content_type=ContentType.objects.get_for_model(model),
    )
