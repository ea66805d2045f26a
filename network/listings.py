"""The list of structures: its filters, facets and orders."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Literal, Self

from django.db.models import F, FloatField, Q, Value
from django.db.models.functions import ASin, Cos, Least, Power, Radians, Sin, Sqrt
from django.utils.translation import gettext_lazy as _
from pydantic import Field, field_validator, model_validator

from core.facets import Slugs, audience_facet, term_labels, territory_labels
from core.listings import FacetFilter, ListFilters, Listing, apply_facets, list_for_request
from core.models import Service, StructureType, Territory
from core.registry import register_listing
from core.search.fulltext import ranked_ids
from core.web.links import request_origin
from network import gazetteer
from network.access import site_access_level
from network.france_map import serialize_map
from network.models import DirectoryPage, Structure
from network.places import AccessLevel
from network.queries import published_structures, serving, translations_of
from network.schemas import Near, StructureCard, StructureList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable
    from django.http import HttpRequest

    from core.schemas import Pagination

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


STRUCTURE_FACETS = (
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


def filter_by_place(rows: QuerySet[Structure], filters: StructureFilters) -> QuerySet[Structure]:
    """Apply the filters by place, on what the reader may know of the places."""
    nowhere: Any = Value(None, output_field=FloatField())
    if filters.serves:
        department = Territory.objects.filter(
            code=filters.serves, kind=Territory.Kind.DEPARTMENT
        ).first()
        rows = rows.filter(serving(department) if department else NONE_OF_THEM)
    if filters.bbox:
        west, south, east, north = numbers(filters.bbox, BOX)
        rows = rows.filter(Q(shown_latitude__range=(south, north)))
        # A box across the antimeridian has its west past its east (RFC 7946, 5.2).
        if west <= east:
            rows = rows.filter(Q(shown_longitude__range=(west, east)))
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
    """The list of structures, with the place from which distances are counted."""

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
        """Return a page of the list, with the place that was asked for."""
        listed: Any = super().__call__(filters, window, origin, url)
        return listed.model_copy(update={"near": serialize_nearby(filters)})


def serialize_nearby(filters: StructureFilters) -> Near | None:
    """Return the place that was asked for, if one was."""
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
def get_structure_listing(access_level: AccessLevel) -> StructureListing:
    """Return the list as one kind of reader sees it."""
    return StructureListing(
        schema=StructureList,
        filters=StructureFilters,
        rows=partial(published_structures, access_level=access_level),
        serialize=partial(StructureCard.from_model, access_level=access_level),
        facet_filters=STRUCTURE_FACETS,
        apply_ranges=filter_by_place,
        translations=translations_of,
    )


def filtered_structures(
    filters: StructureFilters, access_level: AccessLevel
) -> QuerySet[Structure]:
    """Return every structure that the filters keep: what an export gives."""
    listing = get_structure_listing(access_level)
    rows = filter_by_place(
        published_structures(filters.locale, filters.fallback, access_level), filters
    )
    if filters.q.strip():
        ranked = ranked_ids(Structure.objects.all(), filters.q, filters.languages())
        rows = rows.filter(pk__in=ranked)
    order = filters.order or "name"
    if order not in listing.orderings:
        order = "name"
    kept = apply_facets(rows, listing.facet_filters, filters.chosen(listing.facet_filters))
    return kept.order_by(*listing.orderings[order])


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
