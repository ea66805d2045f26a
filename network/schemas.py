"""The schemas of the structures, the directory and the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from django.utils.text import Truncator
from pydantic import Field

from core.references import Ref
from core.registry import register_schema
from core.schemas import (
    Card,
    FacetedList,
    IndexDetail,
    Link,
    PageDetail,
    PartialDate,
    Schema,
    Term,
    TerritoryTerm,
)
from network.models import DirectoryPage, Structure
from network.queries import SERVES
from published.facets import territory_values
from published.listings import NATIONAL

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    external_id: str = Field(
        description="Its number in its source, or one of ours where it has none; stable.",
        examples=["D001"],
    )
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
    def own_words(cls, structure: Structure) -> dict[str, Any]:
        """Return a structure's own words, as :mod:`network.resolvers` shows them."""
        # Admitted with what it restricts; the rows of the structure may restrict it further.
        whose = (str(structure.translation_key), structure.pk or 0, *structure.disclosure)
        return {
            "title": structure.name,
            "summary": Truncator(" ".join(structure.description.split())).words(SUMMARY_WORDS),
            "is_demo": structure.is_demo,
            "translations": Ref("structure_translations", whose),
            "external_id": structure.stable_id,
            "acronym": structure.acronym,
            "structure_type": Term.ref(structure.structure_type),
            "services": Term.refs(structure.services.all()),
            "audiences": Term.refs(structure.audiences.all()),
            "department": TerritoryTerm.ref(structure.department_id),
            "is_confidential": Ref("structure_confidentiality", whose),
            "address": Ref(
                "structure_address",
                (
                    *whose,
                    structure.street,
                    structure.postcode,
                    structure.municipality,
                    structure.municipality_code,
                ),
            ),
            "position": Ref(
                "structure_position",
                (*whose, degrees(structure.latitude), degrees(structure.longitude)),
            ),
            "contacts": Ref(
                "structure_contacts",
                (*whose, structure.phone, structure.email, structure.website),
            ),
            "coverage": structure.coverage,
            "coverage_territories": TerritoryTerm.refs(structure.coverage_territories.all()),
            "verified_on": Ref(
                "structure_verification", (*whose, str(structure.verified_on or ""))
            ),
            "distance_km": None,
        }


def degrees(value: Any) -> float | None:
    """Return a coordinate as readers get it."""
    return None if value is None else float(value)


@register_schema(Structure, card=StructureCard)
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
    def own_words(cls, structure: Structure) -> dict[str, Any]:
        words = super().own_words(structure)
        hours = structure.opening_hours
        kind_and_place = Ref(
            "structure_kind", (structure.structure_type_id, structure.department_id)
        )
        return words | {
            "breadcrumbs": Ref("directory_trail", (structure.locale.language_code,)),
            "seo": {
                "title": structure.name,
                "description": words["summary"] or kind_and_place,
                "image_url": None,
            },
            "description": structure.description,
            "opening_hours": hours,
            "opening_hours_text": Ref("opening_hours", (hours,)) if hours else [],
        }

    @classmethod
    def own_facets(cls, structure: Structure) -> dict[str, Iterable[object]]:
        return {
            "type": [structure.structure_type_id],
            "service": [service.pk for service in structure.services.all()],
            "audience": [audience.pk for audience in structure.audiences.all()],
            "territory": territory_values([structure.department]),
            SERVES: _served(structure),
        }


def _served(structure: Structure) -> set[object]:
    """Return where a structure works: departments, regions or the whole country."""
    served: set[object] = {structure.department_id}
    if structure.coverage == Structure.Coverage.NATIONAL:
        served.add(NATIONAL)
    elif structure.coverage == Structure.Coverage.TERRITORIES:
        served |= {territory.pk for territory in structure.coverage_territories.all()}
    return served


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


@register_schema(DirectoryPage, card=Card)
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
