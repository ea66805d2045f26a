"""The list of structures: its filters, facets and orders; and the map, made of the list."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, Self

from django.conf import settings
from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import ASin, Cos, Least, Power, Radians, Sin, Sqrt
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import Field, field_validator, model_validator
from wagtail.models import Locale

from core.facets import Slugs, audience_facet, term_labels, territory_labels
from core.listings import FacetFilter, ListFilters, Listing, apply_facets, list_for_request
from core.models import Service, StructureType, Territory
from core.registry import register_listing
from core.search.fulltext import ranked_ids
from core.web.links import build_absolute_url, localized_path, page_path, request_origin
from network import gazetteer
from network.map_outlines import CREDIT, CREDIT_URL, INSET, france
from network.models import DirectoryPage, Structure, site_access_level
from network.places import AccessLevel
from network.queries import (
    directory_page,
    published_structures,
    serving,
    translations_of,
)
from network.schemas import (
    FranceMap,
    MapDepartment,
    MapLegend,
    Near,
    StructureCard,
    StructureList,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable
    from django.http import HttpRequest, QueryDict

    from core.schemas import FacetedList, FacetValue, Pagination

KM_PER_DEGREE = 111.0
"""A little less than a degree of latitude, so that a box drawn with it holds the whole circle."""
BOX = 4
NONE_OF_THEM = Q(pk__lt=0)


class StructureFilters(ListFilters):
    """What to keep of the structures: any of the values of one filter, all filters together.

    A structure whose place is hidden from the reader answers to no filter by
    place, except that `place` also keeps those of the department that have no
    place to show.
    """

    type: Slugs = Field([], description="Slugs of `structure_types`.", examples=[["crip"]])
    service: Slugs = Field([], description="Slugs of `services`.", examples=[["ecoute"]])
    audience: Slugs = Field([], description="Slugs of `audiences`.", examples=[["parents"]])
    territory: Slugs = Field(
        [],
        description="INSEE codes; a region (R32) includes its departments.",
        examples=[["59"]],
    )
    serves: str = Field(
        "",
        max_length=3,
        description="INSEE code of a department: those that work there, wherever they are.",
        examples=["59"],
    )
    place: str = Field(
        "",
        max_length=100,
        description="Postcode or municipality: those within `radius`, nearest first, then those "
        "of its department whose place is hidden.",
        examples=["59100", "Saint-Denis (974)"],
    )
    near: str = Field(
        "",
        max_length=60,
        description="latitude,longitude (WGS 84): those within `radius`, nearest first.",
        examples=["50.63,3.06"],
    )
    radius: float = Field(50.0, gt=0, le=1000, description="In kilometres.")
    bbox: str = Field(
        "",
        max_length=80,
        description="west,south,east,north in degrees (RFC 7946, 5).",
        examples=["2.9,50.5,3.3,50.8"],
    )
    order: Literal["name", "-updated_at", "-verified_on", "distance", "relevance"] | None = Field(
        None,
        description="By default the nearest when a place is given, else the most relevant when "
        "searching, else by name.",
    )

    @field_validator("near")
    @classmethod
    def _is_a_point(cls, value: str) -> str:
        if value:
            latitude, longitude = numbers(value, 2)
            _within(latitude, 90)
            _within(longitude, 180)
        return value

    @field_validator("bbox")
    @classmethod
    def _is_a_box(cls, value: str) -> str:
        if value:
            west, south, east, north = numbers(value, BOX)
            for degrees, most in ((west, 180), (south, 90), (east, 180), (north, 90)):
                _within(degrees, most)
            if south > north:
                raise ValueError("south is greater than north")
        return value

    @model_validator(mode="after")
    def _nearest_first(self) -> Self:
        if self.order is None and (self.near or self.place):
            self.order = "distance"
        return self

    def centre(self) -> tuple[gazetteer.GeocodedPlace | None, list[gazetteer.GeocodedPlace]]:
        """Return the point from which distances are counted, and others of its name."""
        if self.near:
            latitude, longitude = numbers(self.near, 2)
            return gazetteer.GeocodedPlace(self.near, "", latitude, longitude), []
        found = gazetteer.geocode(self.place) if self.place else []
        return (found[0] if found else None), found[1:]


def numbers(text: str, count: int) -> list[float]:
    """Read finite numbers parted by commas.

    Raises:
        ValueError: these are not so many numbers.
    """
    values = [float(part) for part in text.split(",")]
    if len(values) != count or not all(map(math.isfinite, values)):
        raise ValueError(f"{count} numbers parted by commas are expected")
    return values


def _within(degrees: float, most: float) -> None:
    if abs(degrees) > most:
        raise ValueError(f"{degrees} is not between -{most} and {most} degrees")


CHOICES = (
    FacetFilter(
        "type",
        _("Type"),
        "structure_type__slug",
        "structure_type__label",
        labels=term_labels(StructureType),
        terms=StructureType,
    ),
    FacetFilter(
        "service",
        _("Service"),
        "services__slug",
        "services__label",
        multivalued=True,
        labels=term_labels(Service),
        terms=Service,
    ),
    audience_facet(),
    FacetFilter(
        "territory",
        _("Département ou région"),
        "department__code",
        "department__name",
        parent=("department__region__code", "department__region__name"),
        labels=territory_labels,
    ),
)


def distance_from(latitude: float, longitude: float) -> Combinable:
    """Return the haversine distance in kilometres, ``NULL`` where the place is hidden."""
    half_chord = Power(Sin(Radians(F("shown_latitude") - Value(latitude)) / 2), 2) + Value(
        math.cos(math.radians(latitude))
    ) * Cos(Radians(F("shown_latitude"))) * Power(
        Sin(Radians(F("shown_longitude") - Value(longitude)) / 2), 2
    )
    # Rounding may take the antipodes past 1.
    return Value(2 * gazetteer.EARTH_RADIUS_KM) * ASin(Sqrt(Least(Value(1.0), half_chord)))


def narrow(rows: QuerySet[Structure], filters: StructureFilters) -> QuerySet[Structure]:
    """Apply the filters by place, on what the reader may know of the places."""
    nowhere: Any = Value(None, output_field=FloatField())
    if filters.serves:
        department = Territory.objects.filter(
            code=filters.serves, kind=Territory.Kind.DEPARTMENT
        ).first()
        rows = rows.filter(serving(department) if department else NONE_OF_THEM)
    if filters.bbox:
        west, south, east, north = numbers(filters.bbox, BOX)
        rows = rows.filter(shown_latitude__range=(south, north))
        # A box across the antimeridian has its west past its east (RFC 7946, 5.2).
        if west <= east:
            rows = rows.filter(shown_longitude__range=(west, east))
        else:
            rows = rows.filter(Q(shown_longitude__gte=west) | Q(shown_longitude__lte=east))
    if not (filters.near or filters.place):
        return rows.annotate(distance=nowhere)
    centre, _others = filters.centre()
    if centre is None:
        return rows.annotate(distance=nowhere).filter(NONE_OF_THEM)
    rows = rows.annotate(distance=distance_from(centre.latitude, centre.longitude))
    # The box first, since comparing costs less than trigonometry.
    height = filters.radius / KM_PER_DEGREE
    within = Q(
        shown_latitude__range=(centre.latitude - height, centre.latitude + height),
        distance__lte=filters.radius,
    )
    if centre.department:
        within |= Q(shown_latitude=None, department__code=centre.department)
    return rows.filter(within)


@dataclass(frozen=True)
class StructureListing(Listing[Structure, StructureFilters, StructureCard]):
    """The list of structures, which also says from where distances are counted."""

    orderings: Mapping[str, Any] = field(
        default_factory=lambda: {
            "name": ("name", "pk"),
            "-updated_at": ("-last_published_at", "-pk"),
            "-verified_on": (F("verified_on").desc(nulls_last=True), "name", "pk"),
            "distance": (F("distance").asc(nulls_last=True), "name", "pk"),
        }
    )

    def __call__(
        self, filters: StructureFilters, window: Pagination, origin: str, url: str
    ) -> StructureList:
        """Say a window on the list."""
        listed: Any = super().__call__(filters, window, origin, url)
        return listed.model_copy(update={"near": serialize_nearby(filters)})


def serialize_nearby(filters: StructureFilters) -> Near | None:
    """Say the place that was asked for, if one was."""
    if not (filters.near or filters.place):
        return None
    centre, others = filters.centre()
    return Near.construct_trusted(
        label=centre.label if centre else "",
        latitude=centre.latitude if centre else None,
        longitude=centre.longitude if centre else None,
        radius_km=filters.radius,
        others=[other.label for other in others],
    )


@cache
def get_structure_listing(reader: AccessLevel) -> StructureListing:
    """Return the list as one kind of reader sees it."""
    return StructureListing(
        schema=StructureList,
        filters=StructureFilters,
        rows=partial(published_structures, reader=reader),
        serialize=partial(StructureCard.from_model, reader=reader),
        choices=CHOICES,
        apply_ranges=narrow,
        translations=translations_of,
    )


def filtered_structures(filters: StructureFilters, reader: AccessLevel) -> QuerySet[Structure]:
    """Return every structure that the filters keep: what an export gives."""
    listing = get_structure_listing(reader)
    rows = narrow(published_structures(filters.locale, filters.fallback, reader), filters)
    if filters.q.strip():
        ranked = ranked_ids(Structure.objects.all(), filters.q, filters.languages())
        rows = rows.filter(pk__in=ranked)
    order = filters.order or "name"
    if order not in listing.orderings:
        order = "name"
    kept = apply_facets(rows, listing.choices, filters.chosen(listing.choices))
    return kept.order_by(*listing.orderings[order])


LEVELS = 4


def serialize_map(
    listed: FacetedList[StructureCard], query: QueryDict, origin: str, locale: str
) -> FranceMap:
    """Say the map of a list.

    Args:
        listed: the list, with its facets.
        query: the address's parameters, which the links of the map keep.
        origin: what addresses start with.
        locale: the language of the page to which links lead.
    """
    facets = {facet.name: facet for facet in listed.facets or []}
    values = {value.value: value for value in facets["territory"].values}
    departments = Territory.objects.filter(kind=Territory.Kind.DEPARTMENT).order_by("code")
    most = max((values[d.code].count for d in departments if d.code in values), default=0)
    base = query.copy()
    for name in ("territory", "limit", "offset", "facets"):
        base.pop(name, None)
    start = build_absolute_url(_directory_path(locale), origin)
    outlines = {outline.code: outline for outline in france().departments}

    def serialize_department(department: Territory) -> MapDepartment:
        value: FacetValue | None = values.get(department.code)
        outline = outlines.get(department.code)
        address = base.copy()
        address["territory"] = department.code
        return MapDepartment.construct_trusted(
            code=department.code,
            name=department.name,
            count=value.count if value else 0,
            level=level(value.count if value else 0, most),
            selected=bool(value and value.selected),
            html_url=f"{start}?{address.urlencode()}",
            path=outline.path if outline else "",
            label_x=outline.label[0] if outline else 0.0,
            label_y=outline.label[1] if outline else 0.0,
            is_inset=department.code in INSET,
        )

    data = [serialize_department(department) for department in departments]
    points = base.copy()
    if "territory" in query:
        points.setlist("territory", query.getlist("territory"))
    if locale != settings.LANGUAGE_CODE:
        points.update({"locale": locale, "fallback": "true"})
    drawing = france()
    return FranceMap.construct_trusted(
        view_box=drawing.view_box,
        projection=drawing.projection,
        metropolitan=[department for department in data if department.path],
        overseas=[department for department in data if not department.path],
        legend=legend(most),
        total=listed.count,
        points_url=build_absolute_url(
            f"{reverse('api_v1:structures-geojson')}?{points.urlencode()}", origin
        ),
        credit=CREDIT,
        credit_url=CREDIT_URL,
    )


def level(count: int, most: int) -> int:
    """Return the rank of a count: 0 for none, then four ranks as equal as whole numbers allow."""
    return math.ceil(LEVELS * count / most) if most else 0


def legend(most: int) -> list[MapLegend]:
    """Say which counts each rank stands for; a rank that none can have is left out."""
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
    found = Locale.objects.filter(language_code=locale).first()
    page = directory_page(found) if found else None
    if page is not None:
        return page_path(page)
    return localized_path("wagtail_serve", locale, "reseau/")


class DirectoryListing:
    """The structures and their map, as the directory's address asks for them."""

    def get_context(self, page: DirectoryPage, request: HttpRequest) -> dict[str, Any]:
        locale = page.locale.language_code
        listed = list_for_request(
            get_structure_listing(site_access_level(request)), request, locale
        )
        return {
            "list": listed,
            "map": serialize_map(listed, request.GET, request_origin(request), locale),
        }

    def latest_ids(self, page: DirectoryPage, limit: int) -> list[int]:
        """Return none: structures are no pages."""
        return []


register_listing(DirectoryPage, DirectoryListing())
