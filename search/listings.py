"""What a search finds: visible pages of every kind, the best first."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Coalesce
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from pydantic import Field
from wagtail.models import Page

from core.facets import NATIONAL, Slugs, term_labels, territory_labels
from core.listings import (
    FacetFilter,
    ListFilters,
    apply_facets,
    count_facets,
    pagination_links,
    with_translations,
)
from core.models import Audience, Theme
from core.queries import filter_by_locale, visible
from core.registry import page_types, schema_for
from core.schemas import Pagination, serialize_teasers
from core.schemas.pages import translations_of
from core.search.fulltext import Found, find
from search.excerpts import build_excerpts
from search.schemas import SearchHit, SearchResults

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import Model, QuerySet
    from django.db.models.expressions import Combinable

    from core.models import BasePage


class SearchFilters(ListFilters):
    """What to keep of what is found: any of the values of one filter, all filters together."""

    kind: Slugs = Field(
        [],
        description="Kinds of page: the `type` of their own details.",
        examples=[["resource", "news"]],
    )
    theme: Slugs = Field([], description="Slugs of `themes`.", examples=[["reperage"]])
    audience: Slugs = Field([], description="Slugs of `audiences`.", examples=[["parents"]])
    territory: Slugs = Field(
        [],
        description="INSEE codes; a region (R32) includes its departments; or `national`.",
        examples=[["59"]],
    )
    order: Literal["relevance"] | None = Field(None, description="The most relevant first.")


@dataclass(frozen=True)
class CrossTypeFacetFilter(FacetFilter):
    """A filter whose values are in the tables of several page types: all are expressions."""

    parent: Any = None

    def keep(self, rows: QuerySet[Any], chosen: Sequence[str]) -> QuerySet[Any]:
        """Filter the pages that have any of the chosen values."""
        pages = Page.objects.alias(chosen_value=self.value)
        wanted = Q(chosen_value__in=chosen)
        if self.parent:
            pages = pages.alias(chosen_parent=self.parent[0])
            wanted |= Q(chosen_parent__in=chosen)
        return rows.filter(pk__in=pages.filter(wanted).values("pk"))


def page_types_by_kind() -> dict[str, type[BasePage]]:
    """Return the page types by the names of their kinds."""
    return {schema_for(model).type_name(): model for model in page_types()}


def kind_labels(names: Iterable[str]) -> Mapping[str, str]:
    """Return what people call several pages of each kind."""
    known = page_types_by_kind()
    return {
        name: capfirst(known[name]._meta.verbose_name_plural) if name in known else name
        for name in names
    }


def search_facets() -> list[FacetFilter]:
    """Return the filters; each reads the tables of the page types that have its field."""
    themes, audiences, territory = map(_owners, ("themes", "audiences", "territory"))
    found = [
        CrossTypeFacetFilter("kind", _("Nature"), _kind(), None, labels=kind_labels),
        CrossTypeFacetFilter(
            "theme",
            _("Thème"),
            _first(themes, "themes__slug"),
            _first(themes, "themes__label"),
            labels=term_labels(Theme),
            terms=Theme,
        ),
        CrossTypeFacetFilter(
            "audience",
            _("Public"),
            _first(audiences, "audiences__slug"),
            _first(audiences, "audiences__label"),
            labels=term_labels(Audience),
            terms=Audience,
        ),
        CrossTypeFacetFilter(
            "territory",
            _("Territoire"),
            _territory(territory),
            None,
            labels=territory_labels,
            parent=(
                _first(territory, "territory__region__code"),
                _first(territory, "territory__region__name"),
            ),
        ),
    ]
    return list(found)


def search_pages(
    filters: SearchFilters, pagination: Pagination, origin: str, url: str
) -> SearchResults:
    """Return one page of what a search finds among the visible pages.

    The number of queries depends on how many kinds of page are shown, and not
    on how many pages.

    Args:
        filters: the words, and what to keep.
        pagination: its limit and its offset.
        origin: what addresses start with.
        url: the address of this request, from which those of its neighbours are made.
    """
    pages = filter_by_locale(visible(Page.objects.all()), filters.locale, filters.fallback)
    found = find(pages, filters.q, filters.languages())
    every = Page.objects.filter(pk__in=found.ids)
    offered = search_facets()
    chosen = filters.chosen(offered)
    ids = found.ids
    if ids and any(chosen.values()):
        kept = set(apply_facets(every, offered, chosen).values_list("pk", flat=True))
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
        facets=count_facets(every, offered, chosen) if pagination.facets else None,
        items=with_translations(
            serialize_hits(shown, found, origin),
            filters.locale,
            translations_of(shown, origin) if shown else {},
        ),
        is_fuzzy=found.is_fuzzy,
    )


def serialize_hits(ids: Sequence[int], found: Found, origin: str) -> list[SearchHit]:
    """Return some of the pages that were found, in their order, with their excerpts."""
    teasers = serialize_teasers(ids, origin) if ids else []
    excerpts = build_excerpts({teaser.id: teaser.summary for teaser in teasers}, found.roots)
    return [
        SearchHit.construct_trusted(**dict(teaser), excerpt=excerpts[teaser.id])
        for teaser in teasers
    ]


def _kind() -> Case:
    types = ContentType.objects.get_for_models(*page_types_by_kind().values())
    return Case(
        *(
            When(content_type=types[model], then=Value(name))
            for name, model in page_types_by_kind().items()
        ),
        output_field=CharField(),
    )


def _owners(field: str) -> list[str]:
    """Return the lookup paths, from a page, to each table that has the field."""
    owners = dict.fromkeys(
        own.model
        for model in page_types()
        for own in model._meta.get_fields()
        if own.name == field and own.concrete
    )
    return ["__".join(_down_to(owner)) for owner in owners]


def _down_to(model: type[Model]) -> list[str]:
    lineage = [model, *model._meta.get_base_chain(Page)]
    steps = [
        link.remote_field.get_accessor_name()
        for child, parent in pairwise(lineage)
        if (link := child._meta.get_ancestor_link(parent))
    ]
    return steps[::-1]


def _first(owners: Sequence[str], field: str) -> Combinable:
    """Return the value of a field wherever it is: a page has a row in one of the tables."""
    # Coalesce wants two values at least.
    values = [F(f"{owner}__{field}") for owner in owners]
    nothing = Value(None, output_field=CharField())
    return Coalesce(*values, nothing, nothing, output_field=CharField())


def _territory(owners: Sequence[str]) -> Combinable:
    national = [
        Case(When(**{f"{owner}__territory_scope": NATIONAL}, then=Value(NATIONAL)))
        for owner in _owners("territory_scope")
    ]
    return Coalesce(_first(owners, "territory__code"), *national, output_field=CharField())
