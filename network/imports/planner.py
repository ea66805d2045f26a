"""Structures from a table: read, compared with what is here, then written whole or not at all.

Three steps, so that a person decides on what they saw: :func:`read_table`
reads a file, :func:`plan` says line by line what would change or what is
wrong, :func:`apply` writes a plan without an error. Ours and not
django-import-export's, which saves, indexes and versions row by row: ten
thousand rows take it minutes, and it knows nothing of revisions.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.models import Audience, Service, StructureType, Territory
from network.exports import COLUMNS, VISIBILITIES
from network.gazetteer import plain
from network.models import Structure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from wagtail.models import Locale

    from core.models import Term

MOST_ROWS = 20_000
MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 200 * 1024 * 1024
"""A small workbook may unfold into one that fills the memory."""

ALIASES = {
    "identifiant": "external_id",
    "id": "external_id",
    "nom": "name",
    "sigle": "acronym",
    "publics": "audiences",
    "presentation": "description",
    "rue": "street",
    "adresse": "street",
    "code_postal": "postcode",
    "commune": "municipality",
    "code_insee": "municipality_code",
    "departement": "insee_department",
    "confidentiel": "confidential",
    "confidentielle": "confidential",
    "telephone": "phone",
    "courriel": "email",
    "site": "website",
    "horaires": "opening_hours",
    "verifiee_le": "verified_on",
}
YES = {"oui", "o", "true", "vrai", "1"}
NO = {"non", "n", "false", "faux", "0"}
SEVERAL = re.compile(r"\s*[|;]\s*")
FRENCH_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
REQUIRED = ("external_id", "name", "type", "insee_department")
FIELDS = {
    "type": "structure_type",
    "insee_department": "department",
    "confidential": "is_confidential",
}
"""The fields of the columns that have another name."""
MANY = ("services", "audiences", "coverage_territories")
SECRET = ("street", "postcode", "municipality", "municipality_code", "latitude", "longitude")

Action = Literal["create", "update", "unchanged", "skip", "error"]


class Unreadable(Exception):
    """The file is no table that we can read; the message is for its sender."""


@dataclass(frozen=True)
class Table:
    """The rows of a file by the names of our columns, each with its line."""

    columns: Sequence[str]
    rows: Sequence[tuple[int, dict[str, str]]]


@dataclass(frozen=True)
class Wrong:
    """What is wrong in a cell."""

    column: str
    message: str


@dataclass(frozen=True)
class Change:
    """What a cell would change."""

    column: str
    before: str
    after: str


@dataclass
class Row:
    """What a line would do."""

    line: int
    external_id: str
    name: str
    action: Action = "unchanged"
    errors: list[Wrong] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    structure: Structure | None = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Plan:
    """What a file would do."""

    rows: list[Row]
    columns: Sequence[str]

    @property
    def counts(self) -> Counter[str]:
        return Counter(row.action for row in self.rows)

    @property
    def has_errors(self) -> bool:
        return any(row.errors for row in self.rows)


def read_table(content: bytes) -> Table:
    """Read a CSV file or a workbook.

    Raises:
        Unreadable: it is neither, it is too long, or a heading is missing, unknown or doubled.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(_("Le fichier est trop lourd : 20 Mo au plus."))
    lines = _read_xlsx(content) if content[:2] == b"PK" else _read_csv(content)
    numbered = ((n, line) for n, line in enumerate(lines, 1) if any(cell.strip() for cell in line))
    _line, headings = next(numbered, (0, []))
    columns = [_column(heading) for heading in headings]
    _check_columns(columns, headings)
    rows = []
    for number, line in itertools.islice(numbered, MOST_ROWS + 1):
        if len(line) > len(columns) and any(cell.strip() for cell in line[len(columns) :]):
            raise Unreadable(
                _("Ligne %(line)d : il y a plus de cellules que de colonnes.") % {"line": number}
            )
        cells = [_clean(cell) for cell in line]
        rows.append((number, dict(itertools.zip_longest(columns, cells, fillvalue=""))))
        rows[-1][1].pop("", None)
    if len(rows) > MOST_ROWS:
        raise Unreadable(
            _("Le fichier a plus de %(most)d lignes : coupez-le.") % {"most": MOST_ROWS}
        )
    return Table([column for column in columns if column], rows)


def _read_csv(content: bytes) -> Iterable[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes in France when it is not asked for UTF-8.
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise Unreadable(_("Ce fichier n'est ni un tableau CSV ni un classeur XLSX."))
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise Unreadable(_("Le tableau est abîmé : %(error)s") % {"error": error}) from error


def _read_xlsx(content: bytes) -> Iterable[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise Unreadable(_("Le classeur est trop lourd."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        return [[_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, IndexError, ValueError) as error:
        raise Unreadable(_("Ce classeur est illisible.")) from error


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _clean(cell: str) -> str:
    cell = cell.strip()
    # The apostrophe by which our own exports keep a cell from being a formula.
    return cell[1:] if cell[:1] == "'" and cell[1:2] in set("=+-@") else cell


def _column(heading: str) -> str:
    name = plain(heading).replace(" ", "_")
    return ALIASES.get(name, name)


def _check_columns(columns: Sequence[str], headings: Sequence[str]) -> None:
    unknown = [h for h, c in zip(headings, columns, strict=True) if c and c not in COLUMNS]
    if unknown:
        raise Unreadable(
            _("Colonnes inconnues : %(names)s. Connues : %(known)s.")
            % {"names": ", ".join(unknown), "known": ", ".join(COLUMNS)}
        )
    doubled = [column for column, count in Counter(filter(None, columns)).items() if count > 1]
    if doubled:
        raise Unreadable(_("Colonnes en double : %(names)s.") % {"names": ", ".join(doubled)})
    if "external_id" not in columns:
        raise Unreadable(
            _("Il manque la colonne external_id, qui dit quelle structure est laquelle.")
        )


class Vocabulary:
    """The terms that cells may name, by slug or by label, in one query each."""

    def __init__(self, locale: Locale) -> None:
        self.terms = {
            "type": _terms(StructureType, locale),
            "services": _terms(Service, locale),
            "audiences": _terms(Audience, locale),
        }
        territories = list(Territory.objects.all())
        self.territories = {territory.code: territory for territory in territories}
        self.departments = {
            code: territory
            for code, territory in self.territories.items()
            if territory.kind == Territory.Kind.DEPARTMENT
        }

    def term(self, column: str, cell: str) -> Any:
        """Return a term.

        Raises:
            ValidationError: the vocabulary has none of that name.
        """
        found = self.terms[column].get(cell.casefold())
        if found is None:
            raise ValidationError(_("« %(cell)s » n'est pas du vocabulaire.") % {"cell": cell})
        return found

    def territory(self, cell: str) -> Territory:
        """Return a territory by its code, or raise a ValidationError."""
        found = self.territories.get(cell.upper().zfill(2))
        if found is None:
            raise ValidationError(_("« %(cell)s » n'est pas un code INSEE.") % {"cell": cell})
        return found

    def department(self, cell: str) -> Territory:
        """Return a department by its code, or raise a ValidationError."""
        found = self.departments.get(cell.upper().zfill(2))
        if found is None:
            raise ValidationError(_("« %(cell)s » n'est pas un département.") % {"cell": cell})
        return found


def _terms(model: type[Term], locale: Locale) -> dict[str, Any]:
    terms = list(model._default_manager.filter(locale=locale))
    by_label = {term.label.casefold(): term for term in terms}
    return by_label | {term.slug: term for term in terms}


def _read_cell(column: str, cell: str, words: Vocabulary) -> Any:
    """Return the value of a cell.

    Raises:
        ValidationError: it is none.
    """
    match column:
        case "type":
            return words.term(column, cell)
        case "insee_department":
            return words.department(cell)
        case "postcode" if cell:
            # A spreadsheet takes a postcode for a number and drops its first zero.
            return cell.zfill(5)
        case "coverage":
            return cell or Structure.Coverage.DEPARTMENT.value
        case _ if column in MANY:
            names = filter(None, SEVERAL.split(cell))
            find = words.territory if column == "coverage_territories" else None
            return list(
                dict.fromkeys(find(name) if find else words.term(column, name) for name in names)
            )
    return READERS[column](cell) if column in READERS else cell


def _yes_or_no(cell: str) -> bool:
    if cell.casefold() in YES:
        return True
    if cell.casefold() in NO:
        return False
    raise ValidationError(_("Écrivez « oui » ou « non »."))


def _decimal(cell: str) -> Decimal | None:
    if not cell:
        return None
    try:
        value = Decimal(cell.replace(",", "."))
    except InvalidOperation as error:
        raise ValidationError(_("Ce n'est pas un nombre.")) from error
    if not value.is_finite():
        raise ValidationError(_("Ce n'est pas un nombre."))
    return round(value, 6)


def _date(cell: str) -> date | None:
    if not cell:
        return None
    french = FRENCH_DATE.fullmatch(cell)
    try:
        if french:
            day, month, year = map(int, french.groups())
            return date(year, month, day)
        return date.fromisoformat(cell)
    except ValueError as error:
        raise ValidationError(_("Écrivez la date sous la forme 2024-05-31.")) from error


def _visibility(cell: str) -> int:
    for reader, word in VISIBILITIES.items():
        if cell.casefold() in {word, str(int(reader))}:
            return int(reader)
    known = ", ".join(VISIBILITIES.values())
    raise ValidationError(_("Écrivez l'un de : %(known)s.") % {"known": known})


READERS: dict[str, Callable[[str], Any]] = {
    "confidential": _yes_or_no,
    "latitude": _decimal,
    "longitude": _decimal,
    "verified_on": _date,
    "place_visibility": _visibility,
    "contact_visibility": _visibility,
}


def plan(table: Table, locale: Locale) -> Plan:
    """Say what each line would do. Nothing is written, and what is wrong is told cell by cell.

    The number of queries does not depend on the number of lines.
    """
    words = Vocabulary(locale)
    wanted = {cells.get("external_id", "") for _line, cells in table.rows}
    known = {
        structure.external_id: structure
        for structure in Structure.objects.filter(locale=locale)
        .exclude(external_id="")
        .select_related("structure_type", "department", "locale", "latest_revision")
        .prefetch_related(*MANY)
        .iterator(chunk_size=2000)
        if structure.external_id in wanted
    }
    seen: dict[str, int] = {}
    rows = []
    for line, cells in table.rows:
        row = Row(line, cells.get("external_id", ""), cells.get("name", ""))
        if row.external_id in seen:
            message = _("Cet identifiant est déjà à la ligne %(line)d.") % {
                "line": seen[row.external_id]
            }
            row.errors.append(Wrong("external_id", message))
        seen.setdefault(row.external_id, line)
        _plan_row(row, cells, known.get(row.external_id), words, locale)
        rows.append(row)
    return Plan(rows, table.columns)


def _plan_row(
    row: Row,
    cells: dict[str, str],
    current: Structure | None,
    words: Vocabulary,
    locale: Locale,
) -> None:
    for column in REQUIRED:
        if not cells.get(column) and (column in cells or current is None):
            row.errors.append(Wrong(column, _("Cette cellule est obligatoire.")))
    told = {wrong.column for wrong in row.errors}
    for column, cell in cells.items():
        # An empty cell clears, save where nothing may be empty: there it leaves things as they are.
        if column in told or (not cell and column in {"confidential", "type", *VISIBLE}):
            continue
        try:
            row.values[column] = _read_cell(column, cell, words)
        except ValidationError as error:
            row.errors.append(Wrong(column, " ".join(error.messages)))
    if not row.errors:
        _compare(row, current, locale)
    if row.errors:
        row.action = "error"


VISIBLE = ("place_visibility", "contact_visibility")
UNCHECKED = (
    # Already found in the vocabularies: Django would ask for each of them again, row by row.
    *("structure_type", "department", "locale"),
    *("latest_revision", "live_revision", "locked_by", "translation_key"),
)


def _compare(row: Row, current: Structure | None, locale: Locale) -> None:
    structure = current or Structure(locale=locale)
    row.structure = structure
    row.name = row.values.get("name") or structure.name
    for column, value in row.values.items():
        if column in MANY:
            value.sort(key=lambda term: term.pk)
        before = _value(structure, column) if current else None
        if current is None or before != value:
            after = _told(value)
            if current is not None or after:
                row.changes.append(Change(column, _told(before), after))
    if current is not None and row.changes and (reason := _reason_to_skip(current)):
        row.action = "skip"
        row.notes.append(reason)
        return
    was_confidential = structure.is_confidential
    for column, value in row.values.items():
        if column not in MANY:
            setattr(structure, FIELDS.get(column, column), value)
    try:
        structure.clean_fields(exclude=UNCHECKED)
        structure.clean()
    except ValidationError as error:
        names = {field: column for column, field in FIELDS.items()}
        row.errors += [
            Wrong(names.get(field, field), " ".join(messages))
            for field, messages in error.message_dict.items()
        ]
    if current is None:
        row.action = "create"
    elif row.changes:
        row.action = "update"
    if not structure.is_confidential and (current is None or was_confidential):
        has_place = structure.street or structure.postcode or structure.latitude is not None
        if has_place:
            row.notes.append(_("Son adresse sera publique."))


def _reason_to_skip(structure: Structure) -> str:
    if structure.locked:
        return _("Fiche verrouillée : laissée telle quelle.")
    if not structure.live:
        return _("Fiche hors ligne : laissée telle quelle.")
    if structure.has_unpublished_changes:
        return _("Un brouillon attend une relecture : fiche laissée telle quelle.")
    return ""


def _value(structure: Structure, column: str) -> Any:
    if column in MANY:
        return sorted(getattr(structure, column).all(), key=lambda term: term.pk)
    return getattr(structure, FIELDS.get(column, column))


def _told(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
