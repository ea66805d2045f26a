"""What the items of the product must hold, once it has any: nothing here is asked of it before."""

from __future__ import annotations

import difflib
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from django.core.cache import cache

from tests.door.readers import read_all

if TYPE_CHECKING:
    from tests.door.world import World

HAS_ITEMS = find_spec("published") is not None
WHY_NOT = "this version of the product keeps no items: its public answers are read from live rows"


def differences_once_rebuilt(world: World) -> list[str]:
    """Return how answers differ once every item is built anew from what was admitted."""
    from published.rebuilding import rebuild_items

    before = read_all(world)
    items = _items()
    rebuild_items()
    cache.clear()
    after = read_all(world)
    found = [
        f"{address}: {_difference(before[address], after[address])}"
        for address in before
        if before[address] != after[address]
    ]
    return found + [f"item {key}" for key, item in _items().items() if items.get(key) != item]


def _items() -> dict[Any, Any]:
    from published.models import Item, ItemFacet, ItemReference

    rows: dict[Any, Any] = {row["id"]: row for row in Item.objects.values()}
    for model in (ItemFacet, ItemReference):
        for row in model.objects.order_by("pk").values():
            row.pop("id")
            rows[row["item_id"]].setdefault(model.__name__, set()).add(tuple(row.values()))
    return rows


def _difference(before: str, after: str) -> str:
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
