"""The lists of resources and news: their filters, facets and orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from django.db.models import CharField, Value
from django.db.models.functions import Coalesce, ExtractYear
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from core.facets import (
    NATIONAL,
    IsoDate,
    Slugs,
    audience_facet,
    term_labels,
    territory_labels,
    theme_facet,
)
from core.listings import FacetFilter, IndexPageListing, ListFilters, Listing
from core.models import ResourceType
from core.registry import register_listing
from resources.models import LANGUAGES, NewsIndexPage, NewsPage, ResourceIndexPage, ResourcePage
from resources.queries import published_news, published_resources
from resources.schemas import NewsCard, NewsList, ResourceCard, ResourceList

if TYPE_CHECKING:
    from django.db.models import QuerySet

Years = Annotated[list[Annotated[int, Field(ge=1900, le=2200)]], Field(max_length=30)]


def territory_facet() -> FacetFilter:
    """Return the filter by territory, where a region includes its departments."""
    return FacetFilter(
        "territory",
        _("Territoire"),
        Coalesce("territory__code", Value(NATIONAL, output_field=CharField())),
        None,
        parent=("territory__region__code", "territory__region__name"),
        labels=territory_labels,
    )


class ResourceFilters(ListFilters):
    """What to keep of the resources: any of the values of one filter, all filters together."""

    type: Slugs = Field([], description="Slugs of `resource_types`.", examples=[["guide"]])
    theme: Slugs = Field([], description="Slugs of `themes`.", examples=[["reperage"]])
    audience: Slugs = Field([], description="Slugs of `audiences`.", examples=[["parents"]])
    territory: Slugs = Field(
        [],
        description="INSEE codes; a region (R32) includes its departments; or `national`.",
        examples=[["59"]],
    )
    language: Slugs = Field([], description="Languages of the resources themselves (ISO 639).")
    format: list[ResourcePage.Format] = Field([], description="What a reader gets.")
    year: Years = Field([], description="Years of publication.", examples=[[2024]])
    tag: Slugs = Field([], description="Slugs of free tags.", examples=[["fugue"]])
    published_from: IsoDate | None = Field(None, description="First day of publication to keep.")
    published_to: IsoDate | None = Field(None, description="Last day of publication to keep.")
    order: Literal["-published_on", "published_on", "title", "-updated_at", "relevance"] | None = (
        Field(None, description="By default the latest, or the most relevant when searching.")
    )


RESOURCE_FACETS = (
    FacetFilter(
        "type",
        _("Type"),
        "resource_type__slug",
        "resource_type__label",
        labels=term_labels(ResourceType),
        terms=ResourceType,
    ),
    theme_facet(),
    audience_facet(),
    territory_facet(),
    FacetFilter(
        "language",
        _("Langue"),
        "content_language",
        None,
        labels=lambda codes: {code: str(LANGUAGES.get(code, code)) for code in codes},
    ),
    FacetFilter(
        "format",
        _("Format"),
        "format",
        None,
        labels=lambda values: {v: str(dict(ResourcePage.Format.choices).get(v, v)) for v in values},
    ),
    FacetFilter("year", _("Année"), ExtractYear("published_on"), None, latest_first=True),
    FacetFilter(
        "tag", _("Mot-clé"), "tagged_items__tag__slug", "tagged_items__tag__name", multivalued=True
    ),
)


def _apply_publication_range(
    rows: QuerySet[ResourcePage], filters: ResourceFilters
) -> QuerySet[ResourcePage]:
    if filters.published_from:
        rows = rows.filter(published_on__gte=filters.published_from)
    if filters.published_to:
        rows = rows.filter(published_on__lte=filters.published_to)
    return rows


resource_listing = Listing(
    schema=ResourceList,
    filters=ResourceFilters,
    rows=published_resources,
    serialize=ResourceCard.from_model,
    facet_filters=RESOURCE_FACETS,
    orderings={
        "-published_on": ("-published_on", "-pk"),
        "published_on": ("published_on", "pk"),
        "title": ("title", "pk"),
        "-updated_at": ("-last_published_at", "-pk"),
    },
    apply_ranges=_apply_publication_range,
)
register_listing(ResourceIndexPage, IndexPageListing(resource_listing))


class NewsFilters(ListFilters):
    """What to keep of the news."""

    theme: Slugs = Field([], description="Slugs of `themes`.", examples=[["reperage"]])
    territory: Slugs = Field(
        [],
        description="INSEE codes; a region (R32) includes its departments; or `national`.",
        examples=[["974"]],
    )
    year: Years = Field([], description="Years.", examples=[[2024]])
    tag: Slugs = Field([], description="Slugs of free tags.")
    date_from: IsoDate | None = Field(None, description="First day to keep.")
    date_to: IsoDate | None = Field(None, description="Last day to keep.")
    order: Literal["-date", "date", "title", "-updated_at", "relevance"] | None = Field(
        None, description="By default the latest, or the most relevant when searching."
    )


NEWS_FACETS = (
    theme_facet(),
    territory_facet(),
    FacetFilter("year", _("Année"), ExtractYear("date"), None, latest_first=True),
    FacetFilter(
        "tag", _("Mot-clé"), "tagged_items__tag__slug", "tagged_items__tag__name", multivalued=True
    ),
)


def _apply_date_range(rows: QuerySet[NewsPage], filters: NewsFilters) -> QuerySet[NewsPage]:
    if filters.date_from:
        rows = rows.filter(date__gte=filters.date_from)
    if filters.date_to:
        rows = rows.filter(date__lte=filters.date_to)
    return rows


news_listing = Listing(
    schema=NewsList,
    filters=NewsFilters,
    rows=published_news,
    serialize=NewsCard.from_model,
    facet_filters=NEWS_FACETS,
    orderings={
        "-date": ("-date", "-pk"),
        "date": ("date", "pk"),
        "title": ("title", "pk"),
        "-updated_at": ("-last_published_at", "-pk"),
    },
    apply_ranges=_apply_date_range,
)
register_listing(NewsIndexPage, IndexPageListing(news_listing))
