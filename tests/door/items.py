"""What the items of the product must hold, once it has any: nothing here is asked of it before."""

from __future__ import annotations

import difflib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from wagtail.models import Page

from core.models import Document, Image
from tests.door.admissions import DOCUMENT, IMAGE
from tests.door.readers import read_all

if TYPE_CHECKING:
    from tests.door.world import World

HAS_ITEMS = find_spec("published") is not None
WHY_NOT = "this version of the product keeps no items: its public answers are read from live rows"


def differences_once_rebuilt(world: World, before: dict[str, str]) -> list[str]:
    """Return how answers differ once every item is built anew from what was admitted.

    Args:
        world: the site.
        before: what anyone gets now.
    """
    from published.rebuilding import rebuild_items

    items, stale = _items(), _with_dead_references()
    rebuild_items()
    cache.clear()
    after = read_all(world)
    found = [
        f"{address}: {_difference(before[address], after.get(address, ''))}"
        for address in before
        if before[address] != after.get(address)
    ]
    return found + [
        f"item {key}, {name}: {items.get(key, {}).get(name)} became {value}"
        for key, item in _items().items()
        if key not in stale
        for name, value in item.items()
        if items.get(key, {}).get(name) != value
    ]


def _items() -> dict[Any, Any]:
    from published.models import Item, ItemFacet, ItemReference

    rows: dict[Any, Any] = {row["id"]: row for row in Item.objects.values()}
    for model in (ItemFacet, ItemReference):
        for row in model.objects.order_by("pk").values():
            row.pop("id")
            rows[row["item_id"]].setdefault(model.__name__, set()).add(tuple(row.values()))
    return rows


def _with_dead_references() -> set[int]:
    """Return the items that refer to something deleted, which is passed over on reading."""
    from published.models import ItemReference

    found: set[int] = set()
    for kind, model in {"page": Page, DOCUMENT: Document, IMAGE: Image}.items():
        references = ItemReference.objects.filter(kind=kind).exclude(key__in=model.objects.all())
        found |= set(references.values_list("item_id", flat=True))
    return found


def _difference(before: str, after: str | None) -> str:
    if after is None:
        return "is not there any more"
    for one, other in zip(before.splitlines(), after.splitlines(), strict=False):
        if one != other:
            place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
            start = max(0, place - 80)
            return f"…{one[start : place + 120]}… became …{other[start : place + 120]}…"
    return "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0))[:400]


def differences_from_the_ledger() -> list[str]:
    """Return how the items differ from what a replay of the ledger gives."""
    from published.models import Item, LedgerEntry

    replayed: dict[tuple[int, int], str] = {}
    for entry in LedgerEntry.objects.order_by("pk"):
        key = (entry.content_type_id, entry.thing_id)
        if entry.act == LedgerEntry.Act.ADMIT:
            replayed[key] = entry.content_hash
        else:
            replayed.pop(key, None)
    here = {
        (item.content_type_id, item.thing_id): item.content_hash
        for item in Item.objects.filter(is_alias=False)
    }
    return [
        f"{key}: {replayed.get(key)} in the ledger, {here.get(key)} in the items"
        for key in sorted(replayed.keys() | here.keys())
        if replayed.get(key) != here.get(key)
    ]


def last_entry() -> int:
    """Return the number of the latest entry of the ledger."""
    from published.models import LedgerEntry

    return LedgerEntry.objects.order_by("pk").values_list("pk", flat=True).last() or 0


def admissions_without_a_rule(world: World, since: int) -> list[str]:
    """Return the admissions that ledger and records do not explain.

    Each was done by somebody who may publish, or two people of the team approved the very words;
    whose words they are is recorded.

    Args:
        world: the site.
        since: the number of the entry of the ledger after which to look.
    """
    from published.models import LedgerEntry

    entries = LedgerEntry.objects.filter(pk__gt=since, act=LedgerEntry.Act.ADMIT)
    return [
        f"entry {entry.pk} of {entry.content_type} {entry.thing_id}: {reason}"
        for entry in entries
        if (reason := _unexplained(world, entry))
    ]


def _unexplained(world: World, entry: Any) -> str:
    from review.models import RevisionRecord

    thing = entry.content_type.model_class().objects.filter(pk=entry.thing_id).first()
    # Its approvals and records go with it.
    if thing is None:
        return ""
    base = Page if isinstance(thing, Page) else type(thing)
    records = RevisionRecord.objects.of(
        ContentType.objects.get_for_model(base).pk, entry.thing_id
    ).having(entry.content_hash)
    if not records.exists():
        return "nobody recorded whose words they are"
    if entry.approvers:
        return _why_not_approved(world, entry, thing)
    names, publishers = world.admissions.names, world.admissions.publishers
    if entry.user_id is not None:
        name = names.get(entry.user_id, "")
        return "" if name in publishers else f"{name} may not publish, and nobody approved it"
    scheduled = {names.get(each.scheduled_by_id) for each in records if each.scheduled_at}
    if entry.reason == "schedule" and scheduled & publishers:
        return ""
    return f"nobody is named who may publish ({entry.reason})"


def _why_not_approved(world: World, entry: Any, thing: Any) -> str:
    from review.models import ReviewState

    approvers = {world.admissions.names.get(pk) for pk in entry.approvers}
    if len(approvers) < 2 or not approvers <= world.admissions.team:
        return f"approved by {approvers}"
    given = ReviewState.objects.filter(
        content_hash=entry.content_hash,
        status=ReviewState.STATUS_APPROVED,
        workflow_state__object_id=str(thing.pk),
    )
    missing = set(entry.approvers) - set(given.values_list("finished_by", flat=True))
    return f"no approval of these words by {missing}" if missing else ""
