"""The structures as CSV, XLSX, GeoJSON and data.inclusion, never all in memory.

Every export shows its reader what a :class:`network.schemas.StructureCard` shows, so a
confidential address can no more be in a file than on a page.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from core.spreadsheets.writer import write_csv, write_xlsx
from core.web.links import build_absolute_url
from network.places import AccessLevel, are_contacts_shown, visible_place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.db.models import QuerySet

    from network.models import Structure

CHUNK = 500
COLUMNS = (
    "external_id",
    "name",
    "acronym",
    "type",
    "services",
    "audiences",
    "description",
    "street",
    "postcode",
    "municipality",
    "municipality_code",
    "insee_department",
    "latitude",
    "longitude",
    "confidential",
    "place_visibility",
    "contact_visibility",
    "coverage",
    "coverage_territories",
    "opening_hours",
    "phone",
    "email",
    "website",
    "verified_on",
)
"""What a table has: the same columns as an import takes."""
VISIBILITIES = {
    AccessLevel.PUBLIC: "tous",
    AccessLevel.MEMBER: "membres",
    AccessLevel.TEAM: "equipe",
}

SOURCE = "projet-pare"
"""Our name in data.inclusion, with which every identifier starts."""
PUBLICS = {
    "mineurs": "jeunes",
    "jeunes-majeurs": "jeunes",
    "parents": "familles",
}
THEMATICS = {
    "hebergement": "logement-hebergement--rechercher-une-solution-dhebergement-temporaire",
    "soutien-parents": "famille--soutien-a-la-parentalite-et-a-leducation",
    "accompagnement-juridique": "difficultes-administratives-ou-juridiques"
    "--prendre-en-compte-une-problematique-judiciaire",
}
KINDS = {
    "ecoute": "information",
    "accompagnement-educatif": "accompagnement",
    "soutien-psychologique": "accompagnement",
    "accompagnement-juridique": "accompagnement",
    "soutien-parents": "accompagnement",
    "formation": "formation",
}


def in_parts(rows: QuerySet[Structure]) -> Iterator[Structure]:
    """Iterate over rows and their prefetched relations, some hundreds at a time."""
    return rows.iterator(chunk_size=CHUNK)


def flat(structure: Structure, access_level: AccessLevel) -> list[str]:
    """Return the cells of a structure, in the order of :data:`COLUMNS`."""
    place = visible_place(structure, access_level)
    contacts = (
        (structure.phone, structure.email, structure.website)
        if are_contacts_shown(structure, access_level)
        else ("", "", "")
    )
    return [
        structure.external_id,
        structure.name,
        structure.acronym,
        structure.structure_type.slug,
        "|".join(service.slug for service in structure.services.all()),
        "|".join(audience.slug for audience in structure.audiences.all()),
        structure.description,
        place.street,
        place.postcode,
        place.municipality,
        place.municipality_code,
        structure.department.code,
        _number(place.latitude),
        _number(place.longitude),
        "oui" if structure.is_confidential else "non",
        VISIBILITIES[AccessLevel(structure.place_visibility)],
        VISIBILITIES[AccessLevel(structure.contact_visibility)],
        structure.coverage,
        "|".join(territory.code for territory in structure.coverage_territories.all()),
        structure.opening_hours,
        *contacts,
        structure.verified_on.isoformat() if structure.verified_on else "",
    ]


def _number(value: Any) -> str:
    return "" if value is None else f"{value:f}".rstrip("0").rstrip(".")


def _table(rows: QuerySet[Structure], access_level: AccessLevel) -> Iterator[Sequence[str]]:
    yield COLUMNS
    for structure in in_parts(rows):
        yield flat(structure, access_level)


def to_csv(rows: QuerySet[Structure], access_level: AccessLevel) -> Iterator[str]:
    """Yield the lines of a CSV file of structures."""
    return write_csv(_table(rows, access_level))


def to_xlsx(rows: QuerySet[Structure], access_level: AccessLevel) -> bytes:
    """Return a workbook of structures."""
    return write_xlsx("Structures", _table(rows, access_level))


def to_geojson(
    rows: QuerySet[Structure], serialize: Callable[[Structure], Any], chunk: int = CHUNK
) -> Iterator[str]:
    """Yield a FeatureCollection (RFC 7946) of cards; a hidden place has no geometry."""
    yield '{"type":"FeatureCollection","features":['
    part: list[str] = []
    separator = ""
    for structure in in_parts(rows):
        part.append(_feature(serialize(structure)))
        if len(part) == chunk:
            yield separator + ",".join(part)
            separator, part = ",", []
    if part:
        yield separator + ",".join(part)
    yield "]}"


def _feature(card: Any) -> str:
    position = card.position
    geometry = (
        f'{{"type":"Point","coordinates":[{position.longitude},{position.latitude}]}}'
        if position
        else "null"
    )
    properties = card.model_dump_json(exclude={"position"})
    return f'{{"type":"Feature","id":{card.id},"geometry":{geometry},"properties":{properties}}}'


def to_data_inclusion(
    rows: QuerySet[Structure], access_level: AccessLevel, origin: str
) -> Iterator[str]:
    """Yield structures and services in the schema data.inclusion, v1.

    Source: https://github.com/gip-inclusion/data-inclusion-schema. It has no
    field for a department, except where a service may be had: that is where the
    department of a structure without an address to show is given. The rows are
    read twice, once for each of the two lists.
    """
    yield '{"structures":['
    yield from _joined(inclusion_structure(row, access_level, origin) for row in in_parts(rows))
    yield '],"services":['
    yield from _joined(
        service
        for row in in_parts(rows)
        for service in inclusion_services(row, access_level, origin)
    )
    yield "]}"


def _joined(objects: Iterable[dict[str, Any]]) -> Iterator[str]:
    separator = ""
    for each in objects:
        yield separator + json.dumps(each, ensure_ascii=False)
        separator = ","


def _common(structure: Structure, access_level: AccessLevel, origin: str) -> dict[str, Any]:
    place = visible_place(structure, access_level)
    shows_contacts = are_contacts_shown(structure, access_level)
    changed = structure.last_published_at or structure.first_published_at or timezone.now()
    return {
        "source": SOURCE,
        "date_maj": timezone.localdate(changed).isoformat(),
        "lien_source": build_absolute_url(structure.path, origin),
        "commune": place.municipality or None,
        "code_postal": place.postcode or None,
        "code_insee": place.municipality_code or None,
        "adresse": place.street or None,
        "longitude": None if place.longitude is None else float(place.longitude),
        "latitude": None if place.latitude is None else float(place.latitude),
        "telephone": (shows_contacts and structure.phone) or None,
        "courriel": (shows_contacts and structure.email) or None,
        "horaires_accueil": structure.opening_hours or None,
    }


SHORTEST_NAME = 3
SHORTEST_TEXT = 5


def inclusion_structure(
    structure: Structure, access_level: AccessLevel, origin: str
) -> dict[str, Any]:
    """Return the structure as data.inclusion describes it."""
    description = structure.description.strip()
    return _common(structure, access_level, origin) | {
        "id": f"{SOURCE}--{structure.pk}",
        "nom": structure.name.rstrip(".").ljust(SHORTEST_NAME, "\u00a0"),
        "description": description if len(description) >= SHORTEST_TEXT else None,
        "site_web": (are_contacts_shown(structure, access_level) and structure.website) or None,
    }


def inclusion_services(
    structure: Structure, access_level: AccessLevel, origin: str
) -> Iterator[dict[str, Any]]:
    """Yield a service of data.inclusion for each service term of a structure."""
    publics = {PUBLICS[a.slug] for a in structure.audiences.all() if a.slug in PUBLICS}
    zone = [structure.department.code]
    if structure.coverage == structure.Coverage.NATIONAL:
        zone = ["france"]
    elif structure.coverage == structure.Coverage.TERRITORIES:
        for territory in structure.coverage_territories.all():
            if territory.kind == territory.Kind.DEPARTMENT:
                zone.append(territory.code)
    common = _common(structure, access_level, origin)
    for service in structure.services.all():
        thematic = THEMATICS.get(service.slug)
        yield common | {
            "id": f"{SOURCE}--{structure.pk}-{service.slug}",
            "structure_id": f"{SOURCE}--{structure.pk}",
            "nom": service.label.rstrip("."),
            "description": f"{service.label}, {structure.name}",
            "type": KINDS.get(service.slug),
            "thematiques": [thematic] if thematic else None,
            "publics": sorted(publics) or None,
            "zone_eligibilite": list(dict.fromkeys(zone)),
        }
