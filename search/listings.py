"""What a search finds: visible pages of every kind, the best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from django.db.models import CharField, Count, Value
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from core.registry import page_types, schema_for
from core.schemas import Pagination
from core.search.fulltext import Found, find
from published.composing import Entry, Reading, compose, head_of
from published.facets import (
    Audiences,
    OneOf,
    Territories,
    Themes,
    audience_facet,
    territory_facet,
    theme_facet,
)
from published.listings import (
    FacetFilter,
    WordFilters,
    apply_facets,
    count_facets,
    pagination_links,
)
from published.models import Item
from published.queries import in_language, page_items
from search.excerpts import build_excerpts
from search.schemas import SearchHit, SearchResults

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from core.models import BasePage


def page_kinds() -> dict[str, type[BasePage]]:
    """Return the page types by the names of their kinds."""
    return {schema_for(model).type_name(): model for model in page_types()}


Kinds = Annotated[
    list[Annotated[str, OneOf("unknown_kind", lambda: page_kinds().keys())]], Field(max_length=30)
]


class SearchFilters(WordFilters):
    """What to keep of what is found: any of the values of one filter, all filters together."""

    kind: Kinds = Field(
        [],
        description="Kinds of page: the `type` of their own details.",
        examples=[["resource", "news"]],
    )
    theme: Themes = Field([], description="Slugs of `themes`.", examples=[["reperage"]])
    audience: Audiences = Field([], description="Slugs of `audiences`.", examples=[["parents"]])
    territory: Territories = Field(
        [],
        description="INSEE codes; a region (R32) includes its departments; or `national`.",
        examples=[["59"]],
    )
    order: Literal["relevance"] | None = Field(None, description="The most relevant first.")


@dataclass(frozen=True)
class KindFacet(FacetFilter):
    """The filter by kind, which is a column of items."""

    def keep(self, rows: QuerySet[Item], chosen: Sequence[str]) -> QuerySet[Item]:
        return rows.filter(kind__in=chosen)

    def counts(self, rows: QuerySet[Item]) -> QuerySet[Any, tuple[str, str, int]]:
        name = Value(self.name, output_field=CharField())
        counted = rows.order_by().annotate(facet_name=name).values_list("facet_name", "kind")
        return counted.annotate(found=Count("pk"))


def kind_labels(names: Iterable[str]) -> Mapping[str, str]:
    """Return what people call several pages of each kind."""
    known = page_kinds()
    return {
        name: capfirst(known[name]._meta.verbose_name_plural) if name in known else name
        for name in names
    }


SEARCH_FACETS: tuple[FacetFilter, ...] = (
    KindFacet("kind", _("Nature"), labels=kind_labels),
    theme_facet(),
    audience_facet(),
    territory_facet(),
)


def search_pages(
    filters: SearchFilters, pagination: Pagination, origin: str, url: str
) -> SearchResults:
    """Return one page of what a search finds among the visible pages.

    The number of queries does not depend on how many pages are shown.

    Args:
        filters: the words, and what to keep.
        pagination: its limit and its offset.
        origin: what addresses start with.
        url: the address of this request, from which those of its neighbours are made.
    """
    pages = in_language(page_items(), filters.locale, filters.fallback)
    found = find(pages, filters.q, filters.languages())
    every = Item.objects.filter(pk__in=found.ids)
    chosen = filters.chosen(SEARCH_FACETS)
    ids = found.ids
    if ids and any(chosen.values()):
        kept = set(apply_facets(every, SEARCH_FACETS, chosen).values_list("pk", flat=True))
        ids = [pk for pk in ids if pk in kept]
    shown = ids[pagination.offset : pagination.offset + pagination.limit]
    following, preceding = pagination_links(url, pagination.limit, pagination.offset, len(ids))
    return SearchResults(
        count=len(ids),
        limit=pagination.limit,
        offset=pagination.offset,
        next=following,
        previous=preceding,
        q=filters.q,
        order="relevance",
        facets=count_facets(every, SEARCH_FACETS, chosen) if pagination.facets else None,
        items=compose_hits(shown, found, Reading(origin, filters.locale)),
        is_fuzzy=found.is_fuzzy,
    )


def compose_hits(ids: Sequence[int], found: Found, reading: Reading) -> list[SearchHit]:
    """Return some of the items that were found, in their order, with their excerpts."""
    rows = Item.objects.in_bulk(ids)
    items = [rows[pk] for pk in ids if pk in rows]
    excerpts = build_excerpts({item.pk: item.summary_text for item in items}, found.roots)
    return compose(
        [
            Entry(
                SearchHit,
                {**item.teaser, "kind": item.kind, "excerpt": excerpts[item.pk]},
                head_of(item),
            )
            for item in items
        ],
        reading,
    )
