"""Admitting what is live already, building items anew, and withdrawing what is live no longer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from wagtail.models import Page

from core.registry import registered_models
from published.admission import admit, withdraw, write_alias, write_item
from published.composing import model_of
from published.models import FormerSlug, Item
from review.actors import Actor
from review.provenance import pending_mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

BATCH_SIZE = 200


def admit_live(reason: str) -> int:
    """Admit everything that is live, without an item, and not waiting for its review.

    For the release that brings items, and for what is loaded at once (a demonstration, tests).

    Args:
        reason: why, in the ledger; one that :mod:`review.rights` knows.

    Returns:
        How many were admitted.
    """
    count = 0
    for thing in _live_without_item():
        if pending_mark(thing) is None:
            with transaction.atomic():
                admit(thing, Actor(system=reason))
            count += 1
    for alias in Page.objects.filter(live=True, published_item=None).exclude(alias_of=None):
        write_alias(alias)
    return count


def keep_former_slugs() -> None:
    """Keep the slugs of pages that are public no longer: those below keep their addresses.

    For the release that brings items; from then on withdrawing does it.
    """
    pages = Page.objects.filter(live=False, published_item=None).exclude(first_published_at=None)
    FormerSlug.objects.bulk_create(
        [FormerSlug(page_id=pk, slug=slug) for pk, slug in pages.values_list("pk", "slug")],
        batch_size=BATCH_SIZE,
        ignore_conflicts=True,
    )


def _live_without_item() -> Iterator[Any]:
    pages = Page.objects.filter(live=True, published_item=None, alias_of=None, depth__gt=1)
    keys = list(pages.order_by("path").values_list("pk", flat=True))
    models = set(registered_models())
    for start in range(0, len(keys), BATCH_SIZE):
        part = Page.objects.filter(pk__in=keys[start : start + BATCH_SIZE]).order_by("path")
        yield from (page for page in part.specific() if type(page) in models)
    for model in models:
        if not issubclass(model, Page):
            done = Item.objects.filter(content_type=ContentType.objects.get_for_model(model))
            rows = model._default_manager.filter(live=True)
            yield from rows.exclude(pk__in=done.values("thing_id")).order_by("pk").iterator()


def rebuild_items(batch: int = BATCH_SIZE) -> int:
    """Build every item anew from the content that was admitted; its words do not change.

    For a release that changes schemas. Done in batches, while the site is read.

    Returns:
        How many were built.
    """
    count = 0
    keys = Item.objects.filter(is_alias=False).order_by("pk").values_list("pk", flat=True)
    for start in range(0, len(keys), batch):
        with transaction.atomic():
            for item in Item.objects.filter(pk__in=keys[start : start + batch]):
                rebuild_item(item)
                count += 1
    for alias in Page.objects.exclude(alias_of=None).filter(published_item__is_alias=True):
        write_alias(alias)
    return count


def rebuild_item(item: Item) -> Item:
    """Build an item anew from the content that was admitted."""
    thing = thing_as_admitted(item)
    return write_item(thing, item.content)


def thing_as_admitted(item: Item) -> Any:
    """Return an instance that has the admitted content, and the present state of its row."""
    model: Any = model_of(item)
    row = model._default_manager.get(pk=item.thing_id)
    # As Wagtail makes an object of a revision, but of the copy that no purge removes.
    thing = row.with_content_json(item.content)
    thing.first_published_at = item.published_at
    thing.last_published_at = item.updated_at
    return thing


def withdraw_dead() -> int:
    """Withdraw the items whose rows are live no longer, or gone, whatever ended them.

    It never admits anything.

    Returns:
        How many were withdrawn.
    """
    count = 0
    for item in Item.objects.filter(page__live=False).select_related("page"):
        withdraw(item.page.specific, None, reason="no longer live")  # type: ignore[union-attr]
        count += 1
    for model in registered_models():
        if not issubclass(model, Page):
            count += _withdraw_dead_rows(model)
    return count


def _withdraw_dead_rows(model: type[Model]) -> int:
    items = Item.objects.filter(content_type=ContentType.objects.get_for_model(model))
    live = model._default_manager.filter(live=True).values("pk")
    dead = list(items.exclude(thing_id__in=live))
    for item in dead:
        row = model._default_manager.filter(pk=item.thing_id).first()
        if row is None:
            item.delete()
        else:
            withdraw(row, None, reason="no longer live")
    return len(dead)
