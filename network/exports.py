"""The structures as CSV, XLSX, GeoJSON and data.inclusion, never all in memory.

Every export shows its reader what a :class:`network.schemas.StructureCard` shows, composed from
what was admitted, so a confidential address can no more be in a file than on a page. The team's
own, of drafts too, are composed in the same way from rows.
"""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model
from django.utils import timezone
from django.utils.translation import override

from core.references import MARK, to_words
from core.spreadsheets.writer import write_csv, write_xlsx
from core.terms import remembered_labels
from network.places import AccessLevel
from network.resolvers import WHOSE
from network.schemas import StructureCard, StructureDetail
from published.composing import Entry, Head, compose, head_of
from published.listings import CARD_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from django.db.models import QuerySet

    from core.schemas import Term
    from network.models import Structure
    from published.composing import Reading
    from published.models import Item

M = TypeVar("M", bound=Model)
S = TypeVar("S", bound=StructureCard)

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


class ExportedStructure(StructureCard):
    """A structure in a table or in the schema of others."""

    place_visibility: int
    contact_visibility: int
    description: str
    opening_hours: str


def exported_items(items: QuerySet[Item], reading: Reading) -> Iterator[ExportedStructure]:
    """Yield structures as they were admitted, never all in memory."""
    rows = in_parts(items.only(*CARD_COLUMNS, "detail"))
    return compose_in_parts(
        (_exported(item.card, item.detail, head_of(item)) for item in rows), reading
    )


def exported_drafts(rows: QuerySet[Structure], reading: Reading) -> Iterator[ExportedStructure]:
    """Yield structures as their rows are, published or not: for the team."""
    drafts = ((_words(row), _head(row)) for row in in_parts(rows))
    return compose_in_parts(
        (_exported(_of_card(words), words, head) for words, head in drafts), reading
    )


def in_parts(rows: QuerySet[M]) -> Iterator[M]:
    """Iterate over rows and their prefetched relations, some hundreds at a time."""
    return rows.iterator(chunk_size=CHUNK)


def compose_in_parts(entries: Iterable[Entry[S]], reading: Reading) -> Iterator[S]:
    """Yield the schema of each entry, some hundreds at a time."""
    pending = iter(entries)
    while part := list(islice(pending, CHUNK)):
        with remembered_labels():
            composed = compose(part, reading, with_translations=False)
        yield from composed


def draft_entry(structure: Structure) -> Entry[StructureCard]:
    """Return the row of a structure to be composed as its card, for the team."""
    return Entry(StructureCard, _of_card(_words(structure)), _head(structure))


def _words(structure: Structure) -> dict[str, Any]:
    with override(structure.locale.language_code):
        words: dict[str, Any] = to_words(StructureDetail.own_words(structure))
    return words


def _head(structure: Structure) -> Head:
    published_at = structure.first_published_at
    return Head(
        structure.pk,
        structure.path,
        structure.locale.language_code,
        structure.translation_key,
        published_at,
        structure.last_published_at or published_at,
    )


def _of_card(words: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in words.items() if name in StructureCard.model_fields}


def _exported(
    card: Mapping[str, Any], detail: Mapping[str, Any], head: Head
) -> Entry[ExportedStructure]:
    whose = card["address"]["key"][:WHOSE]
    words = {**card, **{name: detail[name] for name in ("description", "opening_hours")}}
    for name in ("place_visibility", "contact_visibility"):
        words[name] = {MARK: f"structure_{name}", "key": whose}
    return Entry(ExportedStructure, words, head)


def flat(structure: ExportedStructure) -> list[str]:
    """Return the cells of a structure, in the order of :data:`COLUMNS`."""
    address, position, contacts = structure.address, structure.position, structure.contacts
    verified_on = structure.verified_on
    return [
        structure.external_id,
        structure.title,
        structure.acronym,
        structure.structure_type.slug,
        _slugs(structure.services),
        _slugs(structure.audiences),
        structure.description,
        *((address.street, address.postcode) if address else ("", "")),
        *((address.municipality, address.municipality_code) if address else ("", "")),
        structure.department.code,
        *(map(_number, (position.latitude, position.longitude)) if position else ("", "")),
        "oui" if structure.is_confidential else "non",
        VISIBILITIES[AccessLevel(structure.place_visibility)],
        VISIBILITIES[AccessLevel(structure.contact_visibility)],
        structure.coverage,
        "|".join(territory.code for territory in structure.coverage_territories),
        structure.opening_hours,
        *((contacts.phone, contacts.email, contacts.website) if contacts else ("", "", "")),
        verified_on.value.isoformat() if verified_on else "",
    ]


def _slugs(terms: Iterable[Term]) -> str:
    return "|".join(term.slug for term in terms)


def _number(value: float) -> str:
    return f"{value:f}".rstrip("0").rstrip(".")


def _table(structures: Iterable[ExportedStructure]) -> Iterator[Sequence[str]]:
    yield COLUMNS
    for structure in structures:
        yield flat(structure)


def to_csv(structures: Iterable[ExportedStructure]) -> Iterator[str]:
    """Yield the lines of a CSV file of structures."""
    return write_csv(_table(structures))


def to_xlsx(structures: Iterable[ExportedStructure]) -> bytes:
    """Return a workbook of structures."""
    return write_xlsx("Structures", _table(structures))


def to_geojson(cards: Iterable[StructureCard], chunk: int = CHUNK) -> Iterator[str]:
    """Yield a FeatureCollection (RFC 7946) of cards; a hidden place has no geometry."""
    yield '{"type":"FeatureCollection","features":['
    part: list[str] = []
    separator = ""
    for card in cards:
        part.append(_feature(card))
        if len(part) == chunk:
            yield separator + ",".join(part)
            separator, part = ",", []
    if part:
        yield separator + ",".join(part)
    yield "]}"


def _feature(card: StructureCard) -> str:
    position = card.position
    geometry = (
        f'{{"type":"Point","coordinates":[{position.longitude},{position.latitude}]}}'
        if position
        else "null"
    )
    properties = card.model_dump_json(exclude={"position"})
    return f'{{"type":"Feature","id":{card.id},"geometry":{geometry},"properties":{properties}}}'


def to_data_inclusion(
    structures: Callable[[], Iterable[ExportedStructure]],
) -> Iterator[str]:
    """Yield structures and services in the schema data.inclusion, v1.

    Source: https://github.com/gip-inclusion/data-inclusion-schema. It has no
    field for a department, except where a service may be had: that is where the
    department of a structure without an address to show is given.

    Args:
        structures: gives them anew each time, once for each of the two lists.
    """
    yield '{"structures":['
    yield from _joined(map(inclusion_structure, structures()))
    yield '],"services":['
    yield from _joined(service for each in structures() for service in inclusion_services(each))
    yield "]}"


def _joined(objects: Iterable[dict[str, Any]]) -> Iterator[str]:
    separator = ""
    for each in objects:
        yield separator + json.dumps(each, ensure_ascii=False)
        separator = ","


def _common(structure: ExportedStructure) -> dict[str, Any]:
    address, position, contacts = structure.address, structure.position, structure.contacts
    return {
        "source": SOURCE,
        "date_maj": timezone.localdate(structure.updated_at).isoformat(),
        "lien_source": structure.html_url,
        "commune": (address and address.municipality) or None,
        "code_postal": (address and address.postcode) or None,
        "code_insee": (address and address.municipality_code) or None,
        "adresse": (address and address.street) or None,
        "longitude": position.longitude if position else None,
        "latitude": position.latitude if position else None,
        "telephone": (contacts and contacts.phone) or None,
        "courriel": (contacts and contacts.email) or None,
        "horaires_accueil": structure.opening_hours or None,
    }


SHORTEST_NAME = 3
SHORTEST_TEXT = 5


def inclusion_structure(structure: ExportedStructure) -> dict[str, Any]:
    """Return the structure as data.inclusion describes it."""
    description = structure.description.strip()
    return _common(structure) | {
        "id": f"{SOURCE}--{structure.id}",
        "nom": structure.title.rstrip(".").ljust(SHORTEST_NAME, "\u00a0"),
        "description": description if len(description) >= SHORTEST_TEXT else None,
        "site_web": (structure.contacts and structure.contacts.website) or None,
    }


def inclusion_services(structure: ExportedStructure) -> Iterator[dict[str, Any]]:
    """Yield a service of data.inclusion for each service term of a structure."""
    publics = {PUBLICS[a.slug] for a in structure.audiences if a.slug in PUBLICS}
    zone = [structure.department.code]
    if structure.coverage == "national":
        zone = ["france"]
    elif structure.coverage == "territories":
        zone += [each.code for each in structure.coverage_territories if each.kind == "department"]
    common = _common(structure)
    for service in structure.services:
        thematic = THEMATICS.get(service.slug)
        yield common | {
            "id": f"{SOURCE}--{structure.id}-{service.slug}",
            "structure_id": f"{SOURCE}--{structure.id}",
            "nom": service.label.rstrip("."),
            "description": f"{service.label}, {structure.title}",
            "type": KINDS.get(service.slug),
            "thematiques": [thematic] if thematic else None,
            "publics": sorted(publics) or None,
            "zone_eligibilite": list(dict.fromkeys(zone)),
        }
