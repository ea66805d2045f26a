"""The schemas of the structures, the directory and the map."""

from __future__ import annotations

from typing import Any, Literal, Self

from django.utils.text import Truncator
from pydantic import Field

from core.registry import register_schema
from core.schemas import (
    Card,
    FacetedList,
    IndexDetail,
    Link,
    PageDetail,
    PartialDate,
    Schema,
    Seo,
    Term,
    TerritoryTerm,
)
from core.web.links import build_absolute_url
from network.models import DirectoryPage, Structure
from network.opening_hours import describe_opening_hours
from network.places import AccessLevel, are_contacts_shown, is_place_shown, visible_place
from network.queries import directory_trail, translations_of

SUMMARY_WORDS = 30


class Address(Schema):
    """Where a structure is, as far as the reader may know."""

    street: str
    postcode: str = Field(examples=["59000"])
    municipality: str = Field(examples=["Lille"])
    municipality_code: str = Field(description="INSEE code.", examples=["59350"])


class Position(Schema):
    """A point (WGS 84)."""

    latitude: float = Field(ge=-90, le=90, examples=[50.6366])
    longitude: float = Field(ge=-180, le=180, examples=[3.0635])


class Contacts(Schema):
    """How to reach a structure."""

    phone: str
    email: str
    website: str


class StructureCard(Card):
    """A structure in a list."""

    type: Literal["structure"] = "structure"
    external_id: str = Field(description="Its number in its source, stable.", examples=["D001"])
    acronym: str
    structure_type: Term
    services: list[Term]
    audiences: list[Term]
    department: TerritoryTerm
    is_confidential: bool = Field(
        description="True: its address is never said, nor anything that would tell it."
    )
    address: Address | None = Field(description="null: not for this reader, or unknown.")
    position: Position | None = Field(description="null: not for this reader, or unknown.")
    contacts: Contacts | None = Field(description="null: not for this reader.")
    coverage: Literal["department", "territories", "national"] = Field(
        description="Where it works: its department, the territories listed besides, everywhere."
    )
    coverage_territories: list[TerritoryTerm]
    verified_on: PartialDate | None
    distance_km: float | None = Field(
        description="As the crow flies, from the place asked for; null where unknown or hidden."
    )

    @classmethod
    def from_model(
        cls, structure: Structure, origin: str, access_level: AccessLevel = AccessLevel.PUBLIC
    ) -> Self:
        """Return the card of a structure loaded by :func:`network.queries.published_structures`."""
        return cls.construct_trusted(**cls.structure_fields(structure, origin, access_level))

    @classmethod
    def structure_fields(
        cls, structure: Structure, origin: str, access_level: AccessLevel
    ) -> dict[str, Any]:
        place = visible_place(structure, access_level)
        distance = getattr(structure, "distance", None)
        is_located = place.latitude is not None and place.longitude is not None
        has_address = any((place.street, place.postcode, place.municipality))
        path = structure.path
        return {
            "id": structure.pk or 0,
            "title": structure.name,
            "summary": Truncator(" ".join(structure.description.split())).words(SUMMARY_WORDS),
            "path": path,
            "html_url": build_absolute_url(path, origin),
            "locale": structure.locale.language_code,
            "published_at": structure.first_published_at,
            "updated_at": structure.last_published_at or structure.first_published_at,
            "is_demo": structure.is_demo,
            "external_id": structure.external_id,
            "acronym": structure.acronym,
            "structure_type": Term.from_model(structure.structure_type),
            "services": Term.from_models(structure.services.all()),
            "audiences": Term.from_models(structure.audiences.all()),
            "department": TerritoryTerm.from_model(structure.department),
            "is_confidential": structure.is_confidential,
            "address": Address.construct_trusted(
                street=place.street,
                postcode=place.postcode,
                municipality=place.municipality,
                municipality_code=place.municipality_code,
            )
            if has_address
            else None,
            "position": Position.construct_trusted(
                latitude=float(place.latitude or 0), longitude=float(place.longitude or 0)
            )
            if is_located
            else None,
            "contacts": Contacts.construct_trusted(
                phone=structure.phone, email=structure.email, website=structure.website
            )
            if are_contacts_shown(structure, access_level)
            else None,
            "coverage": structure.coverage,
            "coverage_territories": [
                TerritoryTerm.from_model(territory)
                for territory in structure.coverage_territories.all()
            ],
            "verified_on": PartialDate.from_value(structure.verified_on)
            if structure.verified_on
            else None,
            "distance_km": None
            if distance is None or not is_place_shown(structure, access_level)
            else round(distance, 1),
        }


@register_schema(Structure)
class StructureDetail(StructureCard, PageDetail):
    """A structure by itself."""

    description: str = Field(description="Plain text; paragraphs are parted by an empty line.")
    opening_hours: str = Field(
        description="In the syntax of OpenStreetMap.", examples=["Mo-Fr 09:00-18:00; PH off"]
    )
    opening_hours_text: list[str] = Field(
        description="The same, as people say it.", examples=[["Du lundi au vendredi : 9 h à 18 h"]]
    )

    @classmethod
    def from_model(
        cls, structure: Structure, origin: str, access_level: AccessLevel = AccessLevel.PUBLIC
    ) -> Self:
        fields = cls.structure_fields(structure, origin, access_level)
        return cls(
            **fields,
            breadcrumbs=directory_trail(structure.locale, origin),
            translations=translations_of([structure.pk], origin).get(structure.pk, []),
            seo=Seo(
                title=structure.name,
                description=fields["summary"]
                or f"{fields['structure_type'].label}, {fields['department'].name}",
                image_url=None,
            ),
            description=structure.description,
            opening_hours=structure.opening_hours,
            opening_hours_text=describe_opening_hours(structure.opening_hours)
            if structure.opening_hours
            else [],
        )


class Near(Schema):
    """The place from which distances are counted."""

    label: str = Field(description="Empty where the place asked for is unknown.")
    latitude: float | None
    longitude: float | None
    radius_km: float
    others: list[str] = Field(
        description="Other places of that name, to ask for.", examples=[["Saint-Denis (974)"]]
    )


class StructureList(FacetedList[StructureCard]):
    """A window on the structures."""

    near: Near | None = Field(None, description="Only when a place was asked for.")


@register_schema(DirectoryPage)
class DirectoryDetail(IndexDetail):
    """The directory of the network."""

    type: Literal["directory"] = "directory"

    list_route = "api_v1:list_structures"


class MapDepartment(Schema):
    """A department on the map."""

    code: str = Field(examples=["59"])
    name: str = Field(examples=["Nord"])
    count: int = Field(ge=0, description="Structures there that the filters keep.")
    level: int = Field(ge=0, le=4, description="Rank of the count, for its colour: 0 is none.")
    selected: bool
    html_url: str = Field(description="The list, kept to this department.")
    path: str = Field(description="Outline (SVG); empty overseas.")
    label_x: float
    label_y: float
    is_inset: bool = Field(description="Too small to choose on the map: drawn larger beside it.")


class MapLegend(Schema):
    """What a level stands for."""

    level: int
    label: str = Field(examples=["3 à 5"])


class FranceMap(Schema):
    """The departments of France, with how many structures each has."""

    view_box: str
    projection: list[list[float]] = Field(
        description="Affine map from (longitude, ln tan(π/4 + latitude/2)), in radians, "
        "to the drawing: one row for each of the two and one for the origin."
    )
    metropolitan: list[MapDepartment]
    overseas: list[MapDepartment]
    legend: list[MapLegend]
    total: int
    points_url: str = Field(description="The same structures as GeoJSON.")
    credit: str
    credit_url: str


class DepartmentSheet(PageDetail):
    """All that a department has, to print."""

    type: Literal["department_sheet"] = "department_sheet"
    department: TerritoryTerm
    region: TerritoryTerm | None
    structures: list[StructureCard] = Field(description="Those located there, by name.")
    others: list[StructureCard] = Field(description="Those from elsewhere that work there too.")
    directory: Link | None
