"""Which structures the public may read of, and where the directory is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.http import Http404
from django.utils import timezone

from core.models import Territory
from core.terms import get_vocabulary
from network.models import Structure
from network.places import AccessLevel
from published.listings import NATIONAL
from published.models import Item, ItemFacet
from published.queries import items, register_condition

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.db.models import QuerySet

    from core.terms import TerritoryEntry

KIND = "structure"
SERVES = "serves"
"""The values of items that have the territories where a structure works."""


def _is_shown() -> Q:
    """Return the condition of the items whose structure is live and has not expired."""
    now = timezone.now()
    rows = Structure.objects.filter(
        Q(expire_at__isnull=True) | Q(expire_at__gt=now), pk=OuterRef("thing_id"), live=True
    )
    return Q(Exists(rows))


register_condition(Structure, _is_shown)


def structure_items() -> QuerySet[Item]:
    """Return the items of the structures that anyone may read of now, in every language."""
    # Not by its content type, which no index of lists has.
    return Item.objects.filter(_is_shown(), kind=KIND)


def structure_or_404(pk: int) -> Item:
    """Return the item of one structure.

    Raises:
        Http404: there is none; a hidden one and a missing one can't be told apart.
    """
    item = structure_items().filter(thing_id=pk).first()
    if item is None:
        raise Http404
    return item


def restricting_rows(access_level: int) -> QuerySet[Structure]:
    """Return the rows that hide their place, in every language, from this reader."""
    return Structure.objects.filter(
        Q(is_confidential=True) | Q(place_visibility__gt=int(access_level))
    )


def restricted_keys(keys: Iterable[UUID]) -> set[UUID]:
    """Return which of the structures with these translation keys hide their place from anyone."""
    rows = restricting_rows(AccessLevel.PUBLIC).filter(translation_key__in=list(keys))
    return set(rows.values_list("translation_key", flat=True))


def place_shown(access_level: int) -> Q:
    """Return the condition of the items that show this reader more than their department.

    The same as :class:`network.places.Disclosure` decides: neither what was admitted nor any row
    of the structure, in whatever language, may restrict it further.
    """
    if access_level >= AccessLevel.TEAM:
        return Q(published_place__isnull=False)
    own = "published_place__structure__"
    restricting = restricting_rows(access_level)
    source = Q(locale__language_code=settings.LANGUAGE_CODE)
    # Its own row is at hand. Those in other languages are found once for the whole query, and
    # not once for each row: for a structure in French, only the few that are translations.
    return Q(
        Q(language=settings.LANGUAGE_CODE) | ~_has_key(restricting.filter(source)),
        ~_has_key(restricting.exclude(source)),
        **{
            "published_place__visibility__lte": int(access_level),
            f"{own}is_confidential": False,
            f"{own}place_visibility__lte": int(access_level),
        },
    )


def _has_key(rows: QuerySet[Structure]) -> Q:
    return Q(translation_key__in=rows.values("translation_key"))


def searchable_items() -> QuerySet[Item]:
    """Return the items in which words are searched for.

    Without those of which the index has a place that not everyone may know any more: a hit would
    give it away. They are back once they are indexed without (:mod:`network.admission`).
    """
    rows = Item.objects.filter(kind=KIND)
    return rows.filter(Q(published_place__indexed_words="") | place_shown(AccessLevel.PUBLIC))


def find_department(code: str) -> TerritoryEntry | None:
    """Return a department by its code."""
    departments = (
        entry
        for entry in get_vocabulary().territories.values()
        if entry.kind == Territory.Kind.DEPARTMENT and entry.code == code
    )
    return next(departments, None)


def located_in(department: TerritoryEntry) -> Q:
    """Return the condition of the items of structures of a department."""
    return _has_values("territory", department.pk)


def serving(department: TerritoryEntry) -> Q:
    """Return the condition of the items of structures that work in a department."""
    return _has_values(SERVES, department.pk, department.region_id, NATIONAL)


def _has_values(name: str, *values: object) -> Q:
    kept = ItemFacet.objects.filter(name=name, value__in=[str(each) for each in values if each])
    return Q(pk__in=kept.values("item"))


def directory_path(language: str) -> str:
    """Return the path of the directory in a language, if it is visible; else an empty one."""
    paths = items("directory").filter(language=language).values_list("path", flat=True)
    return paths.first() or ""
