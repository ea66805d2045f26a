"""The list of the pages of text: its filters."""

from __future__ import annotations

from typing import Literal

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field

from core.schemas.languages import Fallback, Locale
from core.schemas.lists import Limit
from published.listings import ThingFilters


class PageFilters(ThingFilters):
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
