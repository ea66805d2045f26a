"""Planning an import: what each line of a table would change, or what is wrong with it.

Three steps, so that a person decides on what they saw: :mod:`network.imports.reader` reads a file,
:func:`plan_import` compares it line by line with what is here, and :mod:`network.imports.writer`
writes a plan without an error. Ours and not django-import-export's, which saves, indexes and
versions row by row: ten thousand rows take it minutes, and it knows nothing of revisions.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from network.imports.pending import PendingStructures
from network.imports.reader import MANY, Vocabulary, read_cell
from network.models import Structure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wagtail.models import Locale

    from core.spreadsheets.reader import Table

REQUIRED = ("external_id", "name", "type", "insee_department")
FIELDS = {
    "type": "structure_type",
    "insee_department": "department",
    "confidential": "is_confidential",
}
"""The fields of the columns that have another name."""
VISIBLE = ("place_visibility", "contact_visibility")
UNCHECKED = (
    # Already found in the vocabularies: Django would ask for each of them again, row by row.
    *("structure_type", "department", "locale"),
    *("latest_revision", "live_revision", "locked_by", "translation_key"),
)

Action = Literal["create", "update", "unchanged", "skip", "error"]


@dataclass(frozen=True)
class Cell:
    """A cell of a line, by its column."""

    column: str

    @property
    def label(self) -> str:
        """What the editor of structures calls it, or the column itself."""
        with suppress(FieldDoesNotExist):
            field = Structure._meta.get_field(FIELDS.get(self.column, self.column))
            return capfirst(str(getattr(field, "verbose_name", self.column)))
        return self.column


@dataclass(frozen=True)
class CellError(Cell):
    """An error in a cell."""

    message: str


@dataclass(frozen=True)
class Change(Cell):
    """A cell that an import would change."""

    before: str
    after: str


@dataclass
class PlannedRow:
    """A line of the table, with its effect or its errors."""

    line: int
    external_id: str
    name: str
    action: Action = "unchanged"
    errors: list[CellError] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    structure: Structure | None = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Plan:
    """The effect of a whole table."""

    rows: list[PlannedRow]
    columns: Sequence[str]

    @property
    def counts(self) -> Counter[str]:
        return Counter(row.action for row in self.rows)

    @property
    def has_errors(self) -> bool:
        return any(row.errors for row in self.rows)


def plan_import(table: Table, locale: Locale) -> Plan:
    """Compare each line with its structure, without writing; errors are by cell.

    The number of queries does not depend on the number of lines.
    """
    vocabulary, pending = Vocabulary(locale), PendingStructures()
    wanted = {cells.get("external_id", "") for _line, cells in table.rows}
    known = {
        structure.stable_id: structure
        for structure in Structure.objects.filter(locale=locale)
        .select_related("structure_type", "department", "locale", "latest_revision")
        .prefetch_related(*MANY)
        .iterator(chunk_size=2000)
        if structure.stable_id in wanted
    }
    seen: dict[str, int] = {}
    rows = []
    for line, cells in table.rows:
        row = PlannedRow(line, cells.get("external_id", ""), cells.get("name", ""))
        if row.external_id in seen:
            message = _("Cet identifiant est déjà à la ligne %(line)d.") % {
                "line": seen[row.external_id]
            }
            row.errors.append(CellError("external_id", message))
        seen.setdefault(row.external_id, line)
        _plan_row(row, cells, known.get(row.external_id), vocabulary)
        if not row.errors:
            _compare(row, known.get(row.external_id), locale, pending)
        if row.errors:
            row.action = "error"
        rows.append(row)
    return Plan(rows, table.columns)


def _plan_row(
    row: PlannedRow,
    cells: dict[str, str],
    current: Structure | None,
    vocabulary: Vocabulary,
) -> None:
    for column in REQUIRED:
        if not cells.get(column) and (column in cells or current is None):
            row.errors.append(CellError(column, _("Cette cellule est obligatoire.")))
    faulty = {error.column for error in row.errors}
    for column, cell in cells.items():
        # An empty cell clears, save where nothing may be empty: there it leaves things as they are.
        if column in faulty or (not cell and column in {"confidential", "type", *VISIBLE}):
            continue
        try:
            row.values[column] = read_cell(column, cell, vocabulary)
        except ValidationError as error:
            row.errors.append(CellError(column, " ".join(error.messages)))


def _compare(
    row: PlannedRow, current: Structure | None, locale: Locale, pending: PendingStructures
) -> None:
    structure = current or Structure(locale=locale)
    row.structure = structure
    row.name = row.values.get("name") or structure.name
    for column, value in row.values.items():
        if column in MANY:
            value.sort(key=lambda term: term.pk)
        before = _value(structure, column) if current else None
        if current is None or before != value:
            after = _format(value)
            if current is not None or after:
                row.changes.append(Change(column, _format(before), after))
    changed = {change.column: row.values[change.column] for change in row.changes}
    reason = pending.reason_to_skip(current, changed) or _reason_to_skip(current)
    if changed and reason:
        row.action = "skip"
        row.notes.append(reason)
        return
    was_confidential = structure.is_confidential
    for column, value in row.values.items():
        # Its number is what it was found by.
        if column not in MANY and not (current and column == "external_id"):
            setattr(structure, FIELDS.get(column, column), value)
    try:
        structure.clean_fields(exclude=UNCHECKED)
        structure.clean()
    except ValidationError as error:
        names = {field: column for column, field in FIELDS.items()}
        row.errors += [
            CellError(names.get(field, field), " ".join(messages))
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


def _reason_to_skip(structure: Structure | None) -> str:
    if structure is None:
        return ""
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
    if column == "external_id":
        return structure.stable_id
    return getattr(structure, FIELDS.get(column, column))


def _format(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value)
