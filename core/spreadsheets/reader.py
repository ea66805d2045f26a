"""Reading a table that somebody made in a spreadsheet: a CSV file or an XLSX workbook.

The file may be hostile: its size, the size that it unpacks to and its number of rows are bounded,
and rows are read one by one, so that a workbook with a cell in its last row fills no memory.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import unicodedata
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from core.spreadsheets.writer import unescape_formula

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from django_stubs_ext import StrOrPromise

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
"""A small workbook may unfold into one that fills the memory."""
ZIP_SIGNATURE = b"PK"


class TableUnreadable(Exception):
    """The file is no table that we can read; the message is for its sender."""


@dataclass(frozen=True)
class TableFormat:
    """The columns that a kind of table may have.

    Attributes:
        columns: their names.
        required: the one that must be there.
        missing_message: what the sender reads when it is not.
        max_rows: the most rows below the headings.
        aliases: other headings of a column, as :func:`normalize_heading` returns them.
        ignores_unknown: whether other columns are skipped rather than refused.
    """

    columns: Collection[str]
    required: str
    missing_message: StrOrPromise
    max_rows: int
    aliases: Mapping[str, str] = field(default_factory=dict)
    ignores_unknown: bool = False


class TableRow(NamedTuple):
    """A row, with its number in the spreadsheet and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """The rows of a file, by the columns of its format."""

    columns: Sequence[str]
    rows: Sequence[TableRow]


def read_table(content: bytes, table_format: TableFormat) -> Table:
    """Read a CSV file (UTF-8 or Windows-1252; commas, semicolons or tabs) or a workbook.

    Raises:
        TableUnreadable: it is neither, it is too long, or a heading is missing, unknown or doubled.
    """
    if len(content) > MAX_BYTES:
        raise TableUnreadable(_("Le fichier est trop lourd : 20 Mo au plus."))
    lines = _read_xlsx(content) if content.startswith(ZIP_SIGNATURE) else _read_csv(content)
    numbered = (
        (number, line) for number, line in enumerate(lines, 1) if any(cell.strip() for cell in line)
    )
    _number, headings = next(numbered, (0, []))
    columns = _match_columns(headings, table_format)
    rows = []
    for number, line in itertools.islice(numbered, table_format.max_rows + 1):
        if any(cell.strip() for cell in line[len(columns) :]):
            raise TableUnreadable(
                _("Ligne %(line)d : il y a plus de cellules que de colonnes.") % {"line": number}
            )
        cells = [unescape_formula(cell.strip()) for cell in line[: len(columns)]]
        named = dict(itertools.zip_longest(columns, cells, fillvalue=""))
        named.pop("", None)
        rows.append(TableRow(number, named))
    if len(rows) > table_format.max_rows:
        raise TableUnreadable(
            _("Le fichier a plus de %(most)d lignes : coupez-le.") % {"most": table_format.max_rows}
        )
    return Table([column for column in columns if column], rows)


def normalize_heading(heading: str) -> str:
    """Return a heading without case, accents or punctuation: ``Code postal`` is code_postal."""
    ascii_heading = unicodedata.normalize("NFKD", heading).encode("ascii", "ignore").decode()
    return "_".join(re.findall(r"[a-z0-9]+", ascii_heading.lower()))


def _match_columns(headings: Sequence[str], table_format: TableFormat) -> list[str]:
    """Return the column of each heading, empty for one that is skipped."""
    names = [normalize_heading(heading) for heading in headings]
    columns = [table_format.aliases.get(name, name) for name in names]
    unknown = [
        heading
        for heading, column in zip(headings, columns, strict=True)
        if column and column not in table_format.columns
    ]
    if unknown and not table_format.ignores_unknown:
        raise TableUnreadable(
            _("Colonnes inconnues : %(names)s. Connues : %(known)s.")
            % {"names": ", ".join(unknown), "known": ", ".join(table_format.columns)}
        )
    columns = [column if column in table_format.columns else "" for column in columns]
    doubled = [column for column, count in Counter(filter(None, columns)).items() if count > 1]
    if doubled:
        raise TableUnreadable(_("Colonnes en double : %(names)s.") % {"names": ", ".join(doubled)})
    if table_format.required not in columns:
        raise TableUnreadable(str(table_format.missing_message))
    return columns


def _read_csv(content: bytes) -> Iterable[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes in France when it is not asked for UTF-8.
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise TableUnreadable(_("Ce fichier n'est ni un tableau CSV ni un classeur XLSX."))
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise TableUnreadable(_("Le tableau est abîmé : %(error)s") % {"error": error}) from error


def _read_xlsx(content: bytes) -> Iterator[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED_BYTES:
                raise TableUnreadable(_("Le classeur est trop lourd."))
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # The size that a sheet declares may be wrong, and each empty row would be as wide.
        sheet.reset_dimensions()
        for row in sheet.iter_rows(values_only=True):
            yield [_format_value(value) for value in row]
    except TableUnreadable:
        raise
    # What a workbook that is broken on purpose raises depends on the parser that meets it.
    except Exception as error:
        raise TableUnreadable(_("Ce classeur est illisible.")) from error


def _format_value(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
