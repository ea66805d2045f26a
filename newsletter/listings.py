"""The list of the issues."""

from __future__ import annotations

from typing import Annotated, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from core.registry import register_listing
from newsletter.models import NewsletterIndexPage
from newsletter.schemas import NewsletterList
from published.listings import FacetFilter, IndexPageListing, ListFilters, Listing

Years = Annotated[list[Annotated[int, Field(ge=1900, le=2200)]], Field(max_length=30)]


class NewsletterFilters(ListFilters):
    """What to keep of the issues."""

    year: Years = Field([], description="Years of publication.", examples=[[2026]])
    order: Literal["-number", "number", "relevance"] | None = Field(
        None, description="By default the latest, or the most relevant when searching."
    )


newsletter_listing = Listing(
    schema=NewsletterList,
    filters=NewsletterFilters,
    kinds=["newsletter"],
    facet_filters=(FacetFilter("year", _("Année"), latest_first=True),),
    orderings={"-number": ("-number", "-thing_id"), "number": ("number", "thing_id")},
)
register_listing(NewsletterIndexPage, IndexPageListing(newsletter_listing))
