"""The lists of resources and news: their filters, facets and orders."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from core.models import ResourceType
from core.registry import register_listing
from core.terms import TAG
from published.facets import (
    Audiences,
    IsoDate,
    OneOf,
    ResourceTypes,
    Tags,
    Territories,
    Themes,
    audience_facet,
    choice_labels,
    territory_facet,
    theme_facet,
)
from published.listings import FacetFilter, IndexPageListing, ListFilters, Listing
from resources.models import LANGUAGES, NewsIndexPage, ResourceIndexPage, ResourcePage
from resources.schemas import NewsList, ResourceList

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from published.models import Item

ContentLanguages = Annotated[
    list[Annotated[str, OneOf("unknown_language", LANGUAGES.keys)]], Field(max_length=30)
]
Years = Annotated[list[Annotated[int, Field(ge=1900, le=2200)]], Field(max_length=30)]


class ResourceFilters(ListFilters):
    """What to keep of the resources: any of the values of one filter, all filters together."""

    type: ResourceTypes = Field([], description="Slugs of `resource_types`.", examples=[["guide"]])
    theme: Themes = Field([], description="Slugs of `themes`.", examples=[["reperage"]])
    audience: Audiences = Field([], description="Slugs of `audiences`.", examples=[["parents"]])
    territory: Territories = Field(
        [],
        description="INSEE codes; a region (R32) includes its departments; or `national`.",
        examples=[["59"]],
    )
    language: ContentLanguages = Field(
        [], description="Languages of the resources themselves (ISO 639)."
    )
    format: list[ResourcePage.Format] = Field([], description="What a reader gets.")
    year: Years = Field([], description="Years of publication.", examples=[[2024]])
    tag: Tags = Field([], description="Slugs of free tags.", examples=[["fugue"]])
    published_from: IsoDate | None = Field(None, description="First day of publication to keep.")
    published_to: IsoDate | None = Field(None, description="Last day of publication to keep.")
    order: Literal["-published_on", "published_on", "title", "-updated_at", "relevance"] | None = (
        Field(None, description="By default the latest, or the most relevant when searching.")
    )


RESOURCE_FACETS = (
    FacetFilter("type", _("Type"), vocabulary=ResourceType.__name__),
    theme_facet(),
    audience_facet(),
    territory_facet(),
    FacetFilter("language", _("Langue"), labels=choice_labels(LANGUAGES.items())),
    FacetFilter("format", _("Format"), labels=choice_labels(ResourcePage.Format.choices)),
    FacetFilter("year", _("Année"), latest_first=True),
    FacetFilter("tag", _("Mot-clé"), vocabulary=TAG),
)


def _apply_publication_range(rows: QuerySet[Item], filters: ResourceFilters) -> QuerySet[Item]:
    if filters.published_from:
        rows = rows.filter(date__gte=filters.published_from)
    if filters.published_to:
        rows = rows.filter(date__lte=filters.published_to)
    return rows


resource_listing = Listing(
    schema=ResourceList,
    filters=ResourceFilters,
    kinds=["resource"],
    facet_filters=RESOURCE_FACETS,
    orderings={
        "-published_on": ("-date", "-thing_id"),
        "published_on": ("date", "thing_id"),
        "title": ("title", "thing_id"),
        "-updated_at": ("-updated_at", "-thing_id"),
    },
    apply_ranges=_apply_publication_range,
)
register_listing(ResourceIndexPage, IndexPageListing(resource_listing))


class NewsFilters(ListFilters):
    """What to keep of the news."""

    theme: Themes = Field([], description="Slugs of `themes`.", examples=[["reperage"]])
    territory: Territories = Field(
        [],
        description="INSEE codes; a region (R32) includes its departments; or `national`.",
        examples=[["974"]],
    )
    year: Years = Field([], description="Years.", examples=[[2024]])
    tag: Tags = Field([], description="Slugs of free tags.")
    date_from: IsoDate | None = Field(None, description="First day to keep.")
    date_to: IsoDate | None = Field(None, description="Last day to keep.")
    order: Literal["-date", "date", "title", "-updated_at", "relevance"] | None = Field(
        None, description="By default the latest, or the most relevant when searching."
    )


NEWS_FACETS = (
    theme_facet(),
    territory_facet(),
    FacetFilter("year", _("Année"), latest_first=True),
    FacetFilter("tag", _("Mot-clé"), vocabulary=TAG),
)


def _apply_date_range(rows: QuerySet[Item], filters: NewsFilters) -> QuerySet[Item]:
    if filters.date_from:
        rows = rows.filter(date__gte=filters.date_from)
    if filters.date_to:
        rows = rows.filter(date__lte=filters.date_to)
    return rows


news_listing = Listing(
    schema=NewsList,
    filters=NewsFilters,
    kinds=["news"],
    facet_filters=NEWS_FACETS,
    orderings={
        "-date": ("-date", "-thing_id"),
        "date": ("date", "thing_id"),
        "title": ("title", "thing_id"),
        "-updated_at": ("-updated_at", "-thing_id"),
    },
    apply_ranges=_apply_date_range,
)
register_listing(NewsIndexPage, IndexPageListing(news_listing))
