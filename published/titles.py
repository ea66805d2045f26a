"""How the things of the ledger are called, also those that are gone."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import CharField, Exists, OuterRef, Q
from django.db.models.functions import Cast
from wagtail.models import ModelLogEntry, Page, PageLogEntry

from core.registry import page_types
from published.models import Item

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model, QuerySet

    from published.models import LedgerEntry

Key = tuple[int, int]


class Named(NamedTuple):
    """A title, and the page or snippet if it is there."""

    title: str
    thing: Model | None


def titles_of(entries: Iterable[LedgerEntry]) -> dict[Key, Named]:
    """Return how the things of some entries are called, by type and key.

    What is gone has the title under which Wagtail logged it last.
    """
    groups: dict[int, set[int]] = defaultdict(set)
    for entry in entries:
        groups[entry.content_type_id].add(entry.thing_id)
    pages = {key for type_pk, keys in groups.items() if _is_page(type_pk) for key in keys}
    found = {page.pk: page for page in Page.objects.filter(pk__in=pages)}
    gone = _logged_titles(PageLogEntry.objects.filter(page__in=pages - set(found)), "page_id")
    titles: dict[Key, Named] = {}
    for type_pk, keys in groups.items():
        if _is_page(type_pk):
            titles |= {(type_pk, key): _name_page(found.get(key), gone, key) for key in keys}
        else:
            titles |= _name_rows(type_pk, keys)
    return titles


def titled(entries: QuerySet[LedgerEntry], query: str) -> QuerySet[LedgerEntry]:
    """Filter the entries whose things have, or had, some words in their title."""
    types = ContentType.objects.get_for_models(*page_types()).values()
    items = Item.objects.filter(
        content_type=OuterRef("content_type"), thing_id=OuterRef("thing_id"), title__icontains=query
    )
    pages = Page.objects.filter(Q(title__icontains=query) | Q(draft_title__icontains=query))
    logged_pages = PageLogEntry.objects.filter(label__icontains=query).values("page_id")
    logged_rows = ModelLogEntry.objects.filter(
        content_type=OuterRef("content_type"),
        object_id=Cast(OuterRef("thing_id"), CharField()),
        label__icontains=query,
    )
    is_page = Q(thing_id__in=pages.values("pk")) | Q(thing_id__in=logged_pages)
    return entries.filter(
        Q(Exists(items)) | Q(is_page, content_type__in=types) | Q(Exists(logged_rows))
    )


def _is_page(type_pk: int) -> bool:
    model = ContentType.objects.get_for_id(type_pk).model_class()
    return model is not None and issubclass(model, Page)


def _name_page(page: Page | None, gone: dict[str, str], key: int) -> Named:
    return Named(page.get_admin_display_title() if page else gone.get(str(key), ""), page)


def _name_rows(type_pk: int, keys: set[int]) -> dict[Key, Named]:
    model: Any = ContentType.objects.get_for_id(type_pk).model_class()
    rows = {row.pk: row for row in model._default_manager.filter(pk__in=keys)} if model else {}
    missing = [str(key) for key in keys - set(rows)]
    gone = _logged_titles(
        ModelLogEntry.objects.filter(content_type=type_pk, object_id__in=missing), "object_id"
    )
    return {
        (type_pk, key): Named(str(rows.get(key, gone.get(str(key), ""))), rows.get(key))
        for key in keys
    }


def _logged_titles(logged: Any, key: str) -> dict[str, str]:
    labels = logged.order_by("timestamp", "pk").values_list(key, "label")
    return {str(pk): label for pk, label in labels}
