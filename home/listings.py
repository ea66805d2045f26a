"""The list of the pages of text: its filters, and its cards."""

from __future__ import annotations

from typing import Any, Literal

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from pydantic import BaseModel, ConfigDict, Field
from wagtail.models import Page

from core.registry import schema_for
from core.schemas import Card
from core.schemas.languages import Fallback, Locale
from core.schemas.lists import Limit
from home.queries import PAGE_TYPES
from home.schemas import PageCard


class PageFilters(BaseModel):
    """Which pages of text to list."""

    model_config = ConfigDict(extra="forbid")

    type: list[Literal["home", "standard", "campaign", "team"]] = Field(
        [], max_length=4, description="Types to keep."
    )
    locale: Locale = settings.LANGUAGE_CODE
    fallback: Fallback = False


class PageWindow(BaseModel):
    """Which part of the list to return."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 20
    offset: int = Field(0, ge=0, le=1_000_000)


def serialize_page_cards(pages: list[Page], origin: str) -> list[PageCard]:
    """Return the cards of pages: one query for each type of page present, at most four."""
    summaries: dict[int, dict[str, Any]] = {}
    types = ContentType.objects.get_for_models(*PAGE_TYPES)
    for model in PAGE_TYPES:
        wanted = [page.pk for page in pages if page.content_type_id == types[model].pk]
        if wanted:
            summaries |= {
                row["pk"]: row | {"type": schema_for(model).type_name()}
                for row in model.objects.filter(pk__in=wanted).values("pk", "summary", "is_demo")
            }
    return [
        PageCard(
            **Card.card_fields(page, origin)
            | {
                "summary": summaries[page.pk]["summary"] or page.search_description,
                "is_demo": summaries[page.pk]["is_demo"],
                "type": summaries[page.pk]["type"],
            }
        )
        for page in pages
    ]
