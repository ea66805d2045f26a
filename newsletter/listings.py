"""The list of the issues."""

from __future__ import annotations

from typing import Annotated, Literal

from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from core.listings import FacetFilter, IndexPageListing, ListFilters, Listing
from core.registry import register_listing
from newsletter.models import NewsletterIndexPage
from newsletter.queries import published_issues
from newsletter.schemas import NewsletterCard, NewsletterList

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
    rows=published_issues,
    serialize=NewsletterCard.from_model,
    facet_filters=(
        FacetFilter("year", _("Année"), ExtractYear("first_published_at"), None, latest_first=True),
    ),
    orderings={"-number": ("-number", "-pk"), "number": ("number", "pk")},
)
register_listing(NewsletterIndexPage, IndexPageListing(newsletter_listing))
