"""What structures show that depends on the reader, on their rows as they are now, and on others."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db.models import F

from core.references import Ref, to_words
from core.schemas import PartialDate
from core.terms import get_vocabulary
from core.web.links import build_absolute_url
from network.models import Structure
from network.opening_hours import describe_opening_hours
from network.places import Disclosure
from network.queries import directory_path
from published.composing import FIRST, Reading, resolves

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from uuid import UUID


class StructureRow(NamedTuple):
    """A structure in one language as its row is now, and where the public reads of it."""

    pk: int
    translation_key: UUID
    language: str
    live: bool
    expire_at: datetime | None
    verified_on: date | None
    is_confidential: bool
    place_visibility: int
    contact_visibility: int
    title: str | None
    path: str | None

    @property
    def disclosure(self) -> Disclosure:
        return Disclosure(self.is_confidential, self.place_visibility, self.contact_visibility)


COLUMNS = (
    *("pk", "translation_key", "locale__language_code", "live", "expire_at", "verified_on"),
    *Disclosure._fields,
    *("item_title", "item_path"),
)
WHOSE = 2 + len(Disclosure._fields)
"""How many parts of a key say whose words they are, and who may know them as admitted."""


@resolves(
    *("structure_translations", "structure_confidentiality", "structure_verification"),
    *("structure_address", "structure_position", "structure_contacts"),
    *("structure_place_visibility", "structure_contact_visibility"),
)
def resolve_structures(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Look up what this reader may know of structures, and their translations.

    One query: the rows in every language, since what restricts one restricts all.
    """
    rows: dict[str, list[StructureRow]] = defaultdict(list)
    found = (
        Structure.objects.filter(translation_key__in={ref.key[0] for ref in refs})
        .annotate(item_title=F("published_place__item__title"))
        .annotate(item_path=F("published_place__item__path"))
        .order_by("pk")
    )
    for row in map(StructureRow._make, found.values_list(*COLUMNS)):
        rows[str(row.translation_key)].append(row)
    disclosures: dict[tuple[Any, ...], Disclosure] = {}
    words: dict[Ref, Any] = {}
    for ref in refs:
        whose = ref.key[:WHOSE]
        group = rows[ref.key[0]]
        if whose not in disclosures:
            disclosures[whose] = _disclosure(whose, group, reading)
        value = _words(ref, disclosures[whose], group, reading)
        if value is not None:
            words[ref] = value
    return words


def _disclosure(
    whose: tuple[Any, ...], group: Iterable[StructureRow], reading: Reading
) -> Disclosure:
    """Return who may know what was admitted: the most restrictive of it and of the rows."""
    _key, pk, *admitted = whose
    if reading.draft is not None:
        # It is shown as it would be once published: the rows but its source's follow it then.
        group = [row for row in group if row.pk != pk and row.language == settings.LANGUAGE_CODE]
    return Disclosure(*admitted).restricted_by(row.disclosure for row in group)


def _words(
    ref: Ref, disclosure: Disclosure, group: Iterable[StructureRow], reading: Reading
) -> Any:
    own = ref.key[1]
    values = ref.key[WHOSE:]
    names: tuple[str, ...]
    match ref.kind:
        case "structure_translations":
            return [_translation(row, reading) for row in group if _is_shown(row, own, reading)]
        case "structure_confidentiality":
            return bool(disclosure.is_confidential)
        case "structure_place_visibility":
            return disclosure.place_visibility
        case "structure_contact_visibility":
            return disclosure.contact_visibility
        case "structure_verification":
            return _verification(own, values[0], group, reading)
        case "structure_address":
            names = ("street", "postcode", "municipality", "municipality_code")
            is_known = disclosure.shows_place(reading.access_level) and any(values[:3])
        case "structure_position":
            names = ("latitude", "longitude")
            is_known = disclosure.shows_place(reading.access_level) and None not in values
        case _:
            names = ("phone", "email", "website")
            is_known = disclosure.shows_contacts(reading.access_level)
    return dict(zip(names, values, strict=True)) if is_known else None


def _is_shown(row: StructureRow, own: int, reading: Reading) -> bool:
    has_expired = row.expire_at is not None and row.expire_at <= reading.now
    return row.pk != own and row.live and not has_expired and row.path is not None


def _translation(row: StructureRow, reading: Reading) -> dict[str, Any]:
    return {
        "id": row.pk,
        "locale": row.language,
        "title": row.title,
        "html_url": build_absolute_url(row.path or "", reading.origin),
    }


def _verification(
    own: int, admitted: str, group: Iterable[StructureRow], reading: Reading
) -> dict[str, Any] | None:
    """Return the day on which a structure was last verified: no word, but what its row keeps."""
    day = date.fromisoformat(admitted) if admitted else None
    if reading.draft is None:
        day = next((row.verified_on for row in group if row.pk == own), day)
    return PartialDate.from_value(day).model_dump() if day else None


@resolves("structure_kind")
def resolve_kinds(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Write of what type structures are and in which department, for those without a text."""
    vocabulary = get_vocabulary()
    found = {}
    for ref in refs:
        type_id, department_id = ref.key
        types = vocabulary.sorted_terms("structuretype", [type_id])
        labels = [vocabulary.label(t.model, t.slug, reading.language) or t.label for t in types]
        names = [t.name for t in vocabulary.sorted_territories([department_id])]
        found[ref] = ", ".join([*labels, *names])
    return found


@resolves("opening_hours")
def resolve_opening_hours(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Write opening hours in the language of the reader."""
    return {ref: describe_opening_hours(ref.key[0]) for ref in refs}


@resolves("directory_trail", stage=FIRST)
def resolve_directory_trails(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Look up the way from the home page to the directory of a language, itself included."""
    found: dict[Ref, Any] = {}
    paths = {language: directory_path(language) for language in {ref.key[0] for ref in refs}}
    for ref in refs:
        path = paths[ref.key[0]]
        # The way to something below it, as the directory itself belongs to it.
        found[ref] = to_words(Ref("breadcrumbs", (f"{path}-/",))) if path else []
    return found
