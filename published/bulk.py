"""The door for many things at once, as imports bring them: the same rules, in few queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from wagtail.search.backends import get_search_backends_with_name

from core.models import ContentVersion
from core.terms import remembered_labels
from published.admission import (
    admitting,
    approvers_of,
    build_words,
    facet_values,
    item_values,
    ledger_entry,
    refuse,
    transaction_number,
    written,
)
from published.models import Item, ItemFacet, ItemReference, LedgerEntry
from review.models import ReviewState
from review.records import record_admissions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import Model

    from review.actors import Actor

BATCH_SIZE = 500
KEPT = {"id", "content_type", "thing_id"}
COLUMNS = [field.name for field in Item._meta.concrete_fields if field.name not in KEPT]


@transaction.atomic
def admit_all(
    things: Sequence[Any],
    contents: Sequence[Mapping[str, Any]],
    actor: Actor | None,
    reason: str = "",
) -> list[Item]:
    """Make the words of snippets of one model public: of all of them, or of none.

    Args:
        things: the snippets, as their instances are; no pages, which stand in a tree.
        contents: the content of each, as ``serializable_data()`` gives it.
        actor: who makes them public.
        reason: why, in the ledger, beside who did it.

    Raises:
        AdmissionRefused: some may not become public; nothing was written.
    """
    for thing, content in zip(things, contents, strict=True):
        refuse(thing, content, actor)
    for thing in things:
        admitting.send(type(thing), instance=thing)
    items = write_items(things, contents)
    hashes = [item.content_hash for item in items]
    # Nearly none was: asking for each of them by itself would take longer than writing them.
    approved = set(
        ReviewState.objects.filter(content_hash__in=hashes).values_list("content_hash", flat=True)
    )
    number = transaction_number()
    LedgerEntry.objects.bulk_create(
        ledger_entry(
            item,
            LedgerEntry.Act.ADMIT,
            actor,
            approvers_of(thing, item.content_hash) if item.content_hash in approved else [],
            reason,
            transaction=number,
        )
        for thing, item in zip(things, items, strict=True)
    )
    record_admissions(things, hashes)
    return items


@transaction.atomic
def write_items(things: Sequence[Any], contents: Sequence[Mapping[str, Any]]) -> list[Item]:
    """Write what the public reads of snippets of one model, some hundreds at a time."""
    items: list[Item] = []
    with remembered_labels():
        for start in range(0, len(things), BATCH_SIZE):
            part = slice(start, start + BATCH_SIZE)
            items += _write_part(things[part], contents[part])
    ContentVersion.bump()
    return items


def _write_part(things: Sequence[Any], contents: Sequence[Mapping[str, Any]]) -> list[Item]:
    model = type(things[0])
    content_type = ContentType.objects.get_for_model(model)
    words = [build_words(thing) for thing in things]
    items = Item.objects.bulk_create(
        [
            Item(content_type=content_type, thing_id=thing.pk, **item_values(thing, content, each))
            for thing, content, each in zip(things, contents, words, strict=True)
        ],
        update_conflicts=True,
        unique_fields=["content_type", "thing_id"],
        update_fields=COLUMNS,
    )
    facets: list[tuple[Any, ...]] = []
    references: list[tuple[Any, ...]] = []
    for item, each in zip(items, words, strict=True):
        targets = sorted(each.references())
        facets += [(item.pk, *value) for value in facet_values(each.facets)]
        references += [(item.pk, *target) for target in targets]
        # The index asks each of them.
        item._prefetched_objects_cache = {"references": [Target(*target) for target in targets]}
    ItemFacet.objects.filter(item__in=items).delete()
    _insert(ItemFacet, ("item_id", "name", "value"), facets)
    ItemReference.objects.filter(item__in=items).delete()
    _insert(ItemReference, ("item_id", "kind", "key"), references)
    written.send(model, items=items, things=things)
    for _name, backend in get_search_backends_with_name(with_auto_update=True):
        backend.get_index_for_model(Item).add_items(Item, items)
    return items


class Target(NamedTuple):
    """What an item refers to."""

    kind: str
    key: int


def _insert(model: type[Model], columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows of plain values: instances of so many would take longer than all the rest."""
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    marks = ", ".join(["%s"] * len(columns))
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608
