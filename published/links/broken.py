"""The links of what is public that lead nowhere."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from wagtail.models import Page

from core.languages.times import format_day
from published.links.collecting import checked_items, models_with_links
from published.links.fetching import Problem
from published.models import ItemReference, LinkUse
from published.queries import restricted_or_public_items

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model, QuerySet


@dataclass(frozen=True)
class BrokenLink:
    """A link of something public that leads nowhere.

    Attributes:
        thing: what has it.
        address: where it leads, as an address or the title of a page.
        problem: why there is nothing.
        since: when something was last there, where it is known.
    """

    thing: Model
    address: str
    problem: str
    since: str = ""


def broken_uses() -> QuerySet[LinkUse]:
    """Return where what the public reads leads to a broken address."""
    items = checked_items().filter(
        content_type=OuterRef("content_type"), thing_id=OuterRef("thing_id")
    )
    snippets = Q(content_type__in=ContentType.objects.get_for_models(*models_with_links()).values())
    found = LinkUse.objects.filter(snippets | Q(Exists(items)), address__is_broken=True)
    return found.select_related("address").order_by("address__checked_at", "address", "pk")


def broken_references() -> QuerySet[ItemReference]:
    """Return where what the public reads leads to a page that is not public any more."""
    pages = restricted_or_public_items().filter(page=OuterRef("key"))
    found = ItemReference.objects.filter(
        ~Exists(pages), kind="page", item__in=checked_items().values("pk")
    )
    return found.select_related("item").order_by("item__title", "pk")


def describe_links(rows: Iterable[LinkUse | ItemReference]) -> list[BrokenLink]:
    """Return what editors read of some broken links, in a few queries for all of them."""
    rows = list(rows)
    things = _things_of(rows)
    titles = dict(
        Page.objects.filter(
            pk__in=[row.key for row in rows if isinstance(row, ItemReference)]
        ).values_list("pk", "draft_title")
    )
    found = []
    for row in rows:
        thing = things.get(_place_of(row))
        if thing is None:
            continue
        if isinstance(row, LinkUse):
            found.append(_describe_use(row, thing))
        else:
            title = titles.get(row.key)
            problem = _("page retirée du site") if title else _("page supprimée")
            found.append(BrokenLink(thing, f"« {title} »" if title else "", problem))
    return found


def _describe_use(row: LinkUse, thing: Model) -> BrokenLink:
    address = row.address
    problem = str(Problem(address.problem).label) if address.problem else ""
    if address.status:
        problem = f"{problem} ({address.status})"
    since = format_day(localdate(address.answered_at)) if address.answered_at else ""
    return BrokenLink(thing, address.url, problem, since)


def _place_of(row: LinkUse | ItemReference) -> tuple[int, int]:
    holder = row if isinstance(row, LinkUse) else row.item
    return holder.content_type_id, holder.thing_id


def _things_of(rows: Iterable[LinkUse | ItemReference]) -> dict[tuple[int, int], Model]:
    keys: dict[type[Model], set[tuple[int, int]]] = defaultdict(set)
    for place in map(_place_of, rows):
        model: Any = ContentType.objects.get_for_id(place[0]).model_class()
        keys[Page if issubclass(model, Page) else model].add(place)
    found: dict[tuple[int, int], Model] = {}
    for kind, places in keys.items():
        related = {"locale", "latest_revision"} & {each.name for each in kind._meta.fields}
        rows_of_kind = kind._default_manager.select_related(*related)
        things = rows_of_kind.in_bulk({key for _type, key in places})
        found |= {place: things[place[1]] for place in places if place[1] in things}
    return found
