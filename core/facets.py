"""Filters that several lists share: themes, audiences, territories."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BeforeValidator, Field

from core.listings import FacetFilter
from core.models import FRENCH_TERMS, Audience, Territory, Theme

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from core.models import VocabularyTerm

NATIONAL = "national"

# A pattern, since PostgreSQL refuses some characters that an address may have (NUL).
Slug = Annotated[str, Field(max_length=80, pattern=r"^[\w-]*$")]
Slugs = Annotated[list[Slug], Field(max_length=30)]


ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _require_iso_date(value: Any) -> Any:
    if isinstance(value, str) and not ISO_DATE.fullmatch(value):
        raise ValueError("Write a day as 2024-12-31.")
    return value


IsoDate = Annotated[date, BeforeValidator(_require_iso_date)]
"""A day in an address. Pydantic alone takes a year, 2024, for so many seconds after 1970."""


def term_labels(model: type[VocabularyTerm]) -> Callable[[Iterable[str]], Mapping[str, str]]:
    """Return what gives the labels of a vocabulary's slugs."""
    return lambda slugs: dict(
        model._default_manager.filter(slug__in=list(slugs), **FRENCH_TERMS).values_list(
            "slug", "label"
        )
    )


def territory_labels(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of territories by their codes."""
    asked = set(codes) - {NATIONAL}
    rows = Territory.objects.filter(code__in=asked).values_list("code", "name")
    return (dict(rows) if asked else {}) | {NATIONAL: gettext("Toute la France")}


def theme_facet() -> FacetFilter:
    """Return the filter by theme."""
    return FacetFilter(
        "theme",
        _("Thème"),
        "themes__slug",
        "themes__label",
        multivalued=True,
        labels=term_labels(Theme),
        terms=Theme,
    )


def audience_facet() -> FacetFilter:
    """Return the filter by audience."""
    return FacetFilter(
        "audience",
        _("Public"),
        "audiences__slug",
        "audiences__label",
        multivalued=True,
        labels=term_labels(Audience),
        terms=Audience,
    )
