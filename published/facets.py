"""Filters that several lists share: themes, audiences, territories."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import BeforeValidator, Field

from core.models import Audience, Theme
from core.terms import TERRITORY, get_vocabulary
from published.listings import NATIONAL, FacetFilter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.utils.functional import _StrPromise

    from core.models import Territory
    from published.listings import Labels

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


def choice_labels(choices: Iterable[tuple[str, Any]]) -> Labels:
    """Return what gives the labels of choices, in the active language."""
    known = dict(choices)
    return lambda values: {value: str(known.get(value, value)) for value in values}


def territory_labels(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of territories by their codes."""
    names = {entry.code: entry.name for entry in get_vocabulary().territories.values()}
    names[NATIONAL] = gettext("Toute la France")
    return {code: names.get(code, code) for code in codes}


def theme_facet() -> FacetFilter:
    """Return the filter by theme."""
    return FacetFilter("theme", _("Thème"), vocabulary=Theme.__name__)


def audience_facet() -> FacetFilter:
    """Return the filter by audience."""
    return FacetFilter("audience", _("Public"), vocabulary=Audience.__name__)


TERRITORY_LABEL = _("Territoire")


def territory_facet(label: _StrPromise | str = TERRITORY_LABEL) -> FacetFilter:
    """Return the filter by territory: choosing a region keeps its departments' too."""
    return FacetFilter("territory", label, labels=territory_labels, vocabulary=TERRITORY)


def territory_values(territories: Iterable[Territory | None]) -> set[object]:
    """Return the values of territories for their filter: their own keys and their regions'.

    ``None`` is the whole country.
    """
    values: set[object] = set()
    for territory in territories:
        values |= {territory.pk, territory.region_id} if territory else {NATIONAL}
    return values - {None}
