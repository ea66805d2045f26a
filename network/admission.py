"""What is kept beside the items of structures: places, and what the search index has of them."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from wagtail.search import index

from core.references import reference_of, to_words
from network.gazetteer import on_unit_sphere
from network.models import PublishedPlace, Structure
from network.places import PLACE_FIELDS, AccessLevel, Disclosure
from network.queries import KIND, restricted_keys
from network.schemas import degrees
from published.admission import write_item, written
from published.models import Item, register_indexed_words
from published.rebuilding import thing_as_admitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

SYNCED_CONTENT = (*Disclosure._fields, "department", *PLACE_FIELDS)
"""What translations take from their source: :data:`network.models.SYNCED_FROM_SOURCE`."""
PLACE_COLUMNS = (
    *("structure", "visibility", "latitude", "longitude", "x", "y", "z"),
    "indexed_words",
)


@receiver(written, sender=Structure, dispatch_uid="network.write_places")
def write_places(items: Sequence[Item], things: Sequence[Structure], **kwargs: Any) -> None:
    """Write the places of items, those of translations being what was admitted of their source."""
    by_key = _other_items(items)
    followed = [
        (item, thing)
        for item, thing in zip(items, things, strict=True)
        if not _follow_source(item, thing, by_key.get(item.translation_key, ()))
    ]
    restricted = restricted_keys(item.translation_key for item, _thing in followed)
    PublishedPlace.objects.bulk_create(
        [_place_of(item, thing, restricted) for item, thing in followed],
        update_conflicts=True,
        unique_fields=["item"],
        update_fields=PLACE_COLUMNS,
    )


def _place_of(item: Item, thing: Structure, restricted: set[Any]) -> PublishedPlace:
    level = thing.disclosure.place_level
    place = PublishedPlace(
        item=item,
        structure_id=item.thing_id,
        visibility=level,
        latitude=degrees(thing.latitude),
        longitude=degrees(thing.longitude),
        indexed_words=words_to_index(item, level, restricted),
    )
    if place.latitude is not None and place.longitude is not None:
        place.x, place.y, place.z = on_unit_sphere(place.latitude, place.longitude)
    return place


def _other_items(items: Sequence[Item]) -> dict[Any, list[Item]]:
    """Return the items of the same structures in other languages, by translation key."""
    keys = {item.translation_key for item in items}
    found: dict[Any, list[Item]] = {}
    for item in (*items, *_items_of(keys).exclude(pk__in=[item.pk for item in items])):
        found.setdefault(item.translation_key, []).append(item)
    return {key: group for key, group in found.items() if len(group) > 1}


def _items_of(keys: Iterable[Any]) -> Any:
    return Item.objects.filter(kind=KIND, translation_key__in=list(keys))


def _follow_source(item: Item, thing: Structure, group: Iterable[Item]) -> bool:
    """Write anew what takes its place from another; return whether that was the item itself."""
    source = next((each for each in group if is_source(each)), None)
    if source is None:
        return False
    if source.pk == item.pk:
        for other in group:
            if other.pk != item.pk:
                _write_again(other, source.content)
        return False
    own = to_words(dict(thing.serializable_data()))
    if all(own[name] == source.content[name] for name in SYNCED_CONTENT):
        return False
    _write_again(item, source.content)
    return True


def is_source(item: Item) -> bool:
    """Return whether translations take their place from this item."""
    return item.language == settings.LANGUAGE_CODE


def _write_again(item: Item, place: Mapping[str, Any]) -> None:
    """Write an item from what was admitted of it, with the place that was admitted of another."""
    moved = copy(item)
    moved.content = {**item.content, **{name: place[name] for name in SYNCED_CONTENT}}
    write_item(thing_as_admitted(moved), item.content)


@receiver(post_delete, sender=Item, dispatch_uid="network.leave_source")
def leave_source(instance: Item, **kwargs: Any) -> None:
    """Give translations their own place again when their source is withdrawn."""
    if instance.kind == KIND and is_source(instance):
        for other in _items_of([instance.translation_key]):
            _write_again(other, other.content)


def words_to_index(item: Item, place_level: int, restricted: set[Any]) -> str:
    """Return the words of a place by which an item is found: none unless anyone may know it."""
    if place_level > AccessLevel.PUBLIC or item.translation_key in restricted:
        return ""
    _street, postcode, municipality, _code = reference_of(item.card["address"]).key[-4:]
    return f"{postcode} {municipality}".strip()


@receiver(post_save, sender=Structure, dispatch_uid="network.index_places")
def index_places(instance: Structure, raw: bool = False, **kwargs: Any) -> None:
    """Take places out of the index, or put them back, as their rows restrict them or no more."""
    if raw:
        return
    places = PublishedPlace.objects.filter(structure__translation_key=instance.translation_key)
    restricted = restricted_keys([instance.translation_key])
    for place in places.select_related("item"):
        words = words_to_index(place.item, place.visibility, restricted)
        if words != place.indexed_words:
            place.indexed_words = words
            place.save(update_fields=["indexed_words"])
            index.insert_or_update_object(place.item)


def _indexed_words(item: Item) -> str:
    place: PublishedPlace | None = getattr(item, "published_place", None)
    return place.indexed_words if place else ""


register_indexed_words(KIND, _indexed_words)
