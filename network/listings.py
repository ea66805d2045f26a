"""The list of structures: its filters, facets and orders."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, Self

from django.db.models import Case, Count, F, FloatField, Q, Value, When, Window
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from core.models import Service, StructureType
from core.registry import register_listing
from core.web.links import request_origin
from network import gazetteer
from network.access import site_access_level
from network.france_map import serialize_map
from network.models import DirectoryPage
from network.places import AccessLevel
from network.queries import (
    KIND,
    find_department,
    located_in,
    place_shown,
    searchable_items,
    serving,
    structure_items,
)
from network.schemas import Near, StructureCard, StructureList
from published.composing import Entry, card_entry, compose
from published.facets import (
    Audiences,
    Department,
    Services,
    StructureTypes,
    Territories,
    audience_facet,
    territory_facet,
)
from published.listings import (
    FacetFilter,
    ListFilters,
    Listing,
    fetch_in_order,
    list_for_request,
    site_filters,
    window,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable
    from django.http import HttpRequest

    from core.schemas import Pagination
    from published.composing import Reading
    from published.models import Item

KM_PER_DEGREE = 111.0
"""A little less than a degree of latitude, so that a band drawn with it holds the whole circle."""
BOX = 4
NONE_OF_THEM = Q(pk__lt=0)


class StructureFilters(ListFilters):
    """What to keep of the structures: any of the values of one filter, all filters together.

    A structure whose place is hidden from the reader answers to no filter by
    place, except that `place` also keeps those of the department that have no
    place to show.
    """

    type: StructureTypes = Field([], description="Slugs of `structure_types`.", examples=[["crip"]])
    service: Services = Field([], description="Slugs of `services`.", examples=[["ecoute"]])
    audience: Audiences = Field([], description="Slugs of `audiences`.", examples=[["parents"]])
    territory: Territories = Field(
        [],
        description="INSEE codes; a region (R32) includes its departments.",
        examples=[["59"]],
    )
    serves: Department = Field(
        "",
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
    radius: float = Field(
        50.0, gt=0, le=1000, description="In kilometres around `near` or `place`."
    )
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
        latitude, longitude = numbers(value, 2)
        _within(latitude, 90)
        _within(longitude, 180)
        return value

    @field_validator("bbox")
    @classmethod
    def _is_a_box(cls, value: str) -> str:
        west, south, east, north = numbers(value, BOX)
        for degrees, most in ((west, 180), (south, 90), (east, 180), (north, 90)):
            _within(degrees, most)
        if south > north:
            raise ValueError("south is greater than north")
        return value

    @model_validator(mode="after")
    def _nearest_first(self) -> Self:
        if self.near or self.place:
            self.order = self.order or "distance"
            return self
        # A distance from nowhere would be passed over in silence.
        wrong = {
            "radius": "radius" in self.model_fields_set,
            "order": self.order == "distance",
        }
        if any(wrong.values()):
            needed = PydanticCustomError("needs_place", "Give `near` or `place` too.")
            raise ValidationError.from_exception_data(
                type(self).__name__,
                [
                    InitErrorDetails(type=needed, loc=(name,), input=getattr(self, name))
                    for name, is_wrong in wrong.items()
                    if is_wrong
                ],
            )
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
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count or not all(map(math.isfinite, values)):
        raise ValueError(f"{count} numbers parted by commas are expected")
    return values


def _within(degrees: float, most: float) -> None:
    if abs(degrees) > most:
        raise ValueError(f"{degrees} is not between -{most} and {most} degrees")


STRUCTURE_FACETS = (
    FacetFilter("type", _("Type"), vocabulary=StructureType.__name__),
    FacetFilter("service", _("Service"), vocabulary=Service.__name__),
    audience_facet(),
    territory_facet(_("Département ou région")),
)


def squared_chord_from(latitude: float, longitude: float) -> Combinable:
    """Return the square of the straight line through a unit sphere to the place of an item.

    It grows as the great-circle distance does.
    """
    x, y, z = gazetteer.on_unit_sphere(latitude, longitude)
    along_x, along_y, along_z = (
        F(f"published_place__{axis}") - Value(value)
        for axis, value in (("x", x), ("y", y), ("z", z))
    )
    return along_x * along_x + along_y * along_y + along_z * along_z


def filter_by_place(
    rows: QuerySet[Item], filters: StructureFilters, access_level: int
) -> QuerySet[Item]:
    """Apply the filters by place, on what the reader may know of the places."""
    shown = place_shown(access_level)
    if filters.serves:
        department = find_department(filters.serves)
        rows = rows.filter(serving(department) if department else NONE_OF_THEM)
    if filters.bbox:
        rows = rows.filter(shown & _within_box(filters.bbox))
    centre, _others = filters.centre()
    if centre is None:
        # Cast: PostgreSQL orders by no bare constant.
        rows = rows.annotate(squared_chord=Cast(Value(None), FloatField()))
        return rows.filter(NONE_OF_THEM) if filters.near or filters.place else rows
    squared_chord = squared_chord_from(centre.latitude, centre.longitude)
    rows = rows.annotate(
        squared_chord=Case(When(shown, then=squared_chord), output_field=FloatField())
    )
    # The band first, which costs less to compare.
    height = filters.radius / KM_PER_DEGREE
    within = Q(
        published_place__latitude__range=(centre.latitude - height, centre.latitude + height)
    ) & Q(squared_chord__lte=gazetteer.chord_of_distance(filters.radius) ** 2)
    if (department := find_department(centre.department)) is not None:
        within |= located_in(department) & Q(squared_chord=None)
    return rows.filter(within)


def _within_box(bbox: str) -> Q:
    west, south, east, north = numbers(bbox, BOX)
    # A box across the antimeridian has its west past its east (RFC 7946, 5.2).
    longitudes = (
        Q(published_place__longitude__range=(west, east))
        if west <= east
        else Q(published_place__longitude__gte=west) | Q(published_place__longitude__lte=east)
    )
    return Q(published_place__latitude__range=(south, north)) & longitudes


VERIFIED_ON = F("published_place__structure__verified_on")
"""Asked of the row, as what is shown of it is."""


@dataclass(frozen=True)
class StructureListing(Listing[StructureFilters, StructureCard]):
    """The list of structures, with the place from which distances are counted."""

    schema: type[Any] = StructureList
    filters: type[StructureFilters] = StructureFilters
    kinds: Sequence[str] = (KIND,)
    facet_filters: Sequence[FacetFilter] = STRUCTURE_FACETS
    orderings: Mapping[str, Sequence[Any]] = field(
        default_factory=lambda: {
            "name": ("title", "thing_id"),
            "-updated_at": ("-updated_at", "-thing_id"),
            "-verified_on": (VERIFIED_ON.desc(nulls_last=True), "title", "thing_id"),
            "distance": (F("squared_chord").asc(nulls_last=True), "title", "thing_id"),
        }
    )
    rows: Callable[[], QuerySet[Item]] | None = structure_items

    def __call__(
        self, filters: StructureFilters, pagination: Pagination, origin: str, url: str
    ) -> StructureList:
        """Return a page of the list, with the place that was asked for."""
        listed: Any = super().__call__(filters, pagination, origin, url)
        return listed.model_copy(update={"near": serialize_nearby(filters)})

    def searched(self) -> QuerySet[Item]:
        return searchable_items()

    def window(self, rows: QuerySet[Item], part: slice) -> tuple[int, list[Item]]:
        """Return how many rows there are in all, and those of one part: two queries.

        Where all have to be compared, as distances are, their keys alone are.
        """
        counted = rows.annotate(in_all=Window(Count("*"))).values_list("pk", "in_all")
        found = list(counted[part])
        if not found:
            return window(rows, part)
        return int(found[0][1]), fetch_in_order(rows, [pk for pk, _in_all in found])

    def compose(self, rows: Iterable[Item], reading: Reading) -> list[StructureCard]:
        return compose([located_entry(row) for row in rows], reading)

    def every(self, filters: StructureFilters) -> QuerySet[Item]:
        """Return all that the filters keep, in their order: what an export gives."""
        _every, kept, _ranked = self.kept(filters)
        order = filters.order if filters.order in self.orderings else "name"
        return kept.order_by(*self.orderings[order or "name"])


def located_entry(item: Item) -> Entry[StructureCard]:
    """Return an item to be composed as its card, with the distance that was asked for."""
    squared_chord = getattr(item, "squared_chord", None)
    entry: Entry[StructureCard] = card_entry(item)
    if squared_chord is None:
        return entry
    distance = gazetteer.distance_of_chord(math.sqrt(squared_chord))
    return replace(entry, words={**entry.words, "distance_km": round(distance, 1)})


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

    def apply_ranges(rows: QuerySet[Item], filters: StructureFilters) -> QuerySet[Item]:
        return filter_by_place(rows, filters, access_level)

    return StructureListing(apply_ranges=apply_ranges, access_level=access_level)


class DirectoryListing:
    """The structures and their map, as the directory's address asks for them."""

    def get_context(self, page: DirectoryPage, request: HttpRequest) -> dict[str, Any]:
        listing = get_structure_listing(site_access_level(request))
        locale = page.locale.language_code
        listed = list_for_request(listing, request, locale)
        filters = site_filters(listing, request, locale)
        return {"list": listed, "map": serialize_map(listed, filters, request_origin(request))}

    def latest_ids(self, path: str, language: str, limit: int) -> list[int]:
        """Return none: structures are no pages."""
        return []


register_listing(DirectoryPage, DirectoryListing())
