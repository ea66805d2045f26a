"""The map of a list of structures: departments, ranks of counts, and its legend."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext

from core.models import Territory
from core.terms import get_vocabulary
from core.web.links import build_absolute_url, localized_path
from network.map_outlines import CREDIT, CREDIT_URL, INSET, france
from network.queries import directory_path
from network.schemas import FranceMap, MapDepartment, MapLegend

if TYPE_CHECKING:
    from core.schemas import FacetedList, FacetValue
    from core.terms import TerritoryEntry
    from network.schemas import StructureCard
    from published.listings import ListFilters

LEVELS = 4
OF_THE_API = {"territory", "locale", "fallback"}
"""The filters that the addresses of departments on the site have otherwise."""


def serialize_map(
    listed: FacetedList[StructureCard], filters: ListFilters, origin: str
) -> FranceMap:
    """Return the map of a list.

    Args:
        listed: the list, with its facets.
        filters: those of the list, which the links of the map keep.
        origin: what addresses start with.
    """
    facets = {facet.name: facet for facet in listed.facets or []}
    values = {value.value: value for value in facets["territory"].values}
    territories = get_vocabulary().territories.values()
    departments = sorted(
        (each for each in territories if each.kind == Territory.Kind.DEPARTMENT),
        key=lambda department: department.code,
    )
    most = max((values[d.code].count for d in departments if d.code in values), default=0)
    # What was understood, and not what was asked for: the site passes over what the API refuses.
    base = filters.model_dump(mode="json", exclude_defaults=True, exclude=OF_THE_API)
    points = filters.model_dump(mode="json", exclude_defaults=True, exclude={"fallback"})
    if filters.locale != settings.LANGUAGE_CODE and filters.fallback:
        points["fallback"] = "true"
    # A language of the API is the prefix of an address of the site.
    start = build_absolute_url(_directory_path(filters.locale), origin)
    outlines = {outline.code: outline for outline in france().departments}

    def serialize_department(department: TerritoryEntry) -> MapDepartment:
        value: FacetValue | None = values.get(department.code)
        outline = outlines.get(department.code)
        address = urlencode({**base, "territory": department.code}, doseq=True)
        return MapDepartment.construct_trusted(
            code=department.code,
            name=department.name,
            count=value.count if value else 0,
            level=level(value.count if value else 0, most),
            selected=bool(value and value.selected),
            html_url=f"{start}?{address}",
            path=outline.path if outline else "",
            label_x=outline.label[0] if outline else 0.0,
            label_y=outline.label[1] if outline else 0.0,
            is_inset=department.code in INSET,
        )

    data = [serialize_department(department) for department in departments]
    drawing = france()
    return FranceMap.construct_trusted(
        view_box=drawing.view_box,
        projection=drawing.projection,
        metropolitan=[department for department in data if department.path],
        overseas=[department for department in data if not department.path],
        legend=legend(most),
        total=listed.count,
        points_url=build_absolute_url(
            f"{reverse('api_v1:structures-geojson')}?{urlencode(points, doseq=True)}", origin
        ),
        credit=CREDIT,
        credit_url=CREDIT_URL,
    )


def level(count: int, most: int) -> int:
    """Return the rank of a count: 0 for none, then four nearly equal ranks."""
    return math.ceil(LEVELS * count / most) if most else 0


def legend(most: int) -> list[MapLegend]:
    """Return the counts of each rank; a rank that none can have is left out."""
    ranks: dict[int, list[int]] = {0: [0]}
    for count in range(1, most + 1):
        ranks.setdefault(level(count, most), []).append(count)
    return [
        MapLegend.construct_trusted(level=rank, label=_range(counts[0], counts[-1]))
        for rank, counts in ranks.items()
    ]


def _range(first: int, last: int) -> str:
    if first == last:
        return gettext("aucune") if first == 0 else str(first)
    return gettext("%(first)s à %(last)s") % {"first": first, "last": last}


def _directory_path(locale: str) -> str:
    return directory_path(locale) or localized_path("wagtail_serve", locale, "reseau/")
