"""Writing the tables that somebody opens in a spreadsheet: no cell is ever run as a formula.

Every CSV file and workbook is written here. What people typed may start with ``=`` or ``@``, and a
spreadsheet would run it on the computer of the person who opens the file (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.timezone import is_aware, make_naive
from django.utils.translation import gettext as _
from openpyxl import Workbook
from wagtail.admin.views.generic import IndexView

from core.compat.admin import SpreadsheetExportMixin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

BYTE_ORDER_MARK = "\ufeff"
"""What Excel knows UTF-8 by."""
FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""With the full-width signs, which spreadsheets in East Asian languages take for the others."""
NUMBER = re.compile(r"[+-]?[0-9 .()]+")
"""A number or a telephone number: they start with a sign and run nothing."""


def escape_formula(text: str) -> str:
    """Return a text that a spreadsheet does not run as a formula."""
    is_formula = text.startswith(FORMULA_START) and not NUMBER.fullmatch(text)
    return f"'{text}" if is_formula else text


def unescape_formula(text: str) -> str:
    """Return a text without the apostrophe of :func:`escape_formula`."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_START) else text


class _Line:
    """A file for the CSV writer that returns each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def write_csv(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table (RFC 4180, UTF-8), as its rows come."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK
    for row in rows:
        yield str(writer.writerow([escape_formula(cell) for cell in row]))


def write_xlsx(title: str, rows: Iterable[Sequence[str]]) -> bytes:
    """Return a workbook of one sheet; its rows go to a temporary file as they come."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append([escape_formula(cell) for cell in row])
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


class _Bytes(_Line):
    """The same, of bytes."""

    def write(self, line: str) -> bytes:  # type: ignore[override]
        return line.encode()


class ExcelCSVMixin:
    """A list or a report whose CSV a French Excel opens in columns, as UTF-8."""

    def stream_csv(self: Any, queryset: Iterable[Any]) -> Iterator[bytes]:
        """Yield the lines after the byte order mark, with the French separator."""
        yield BYTE_ORDER_MARK.encode()
        fields = self.list_export
        writer: Any = csv.DictWriter(_Bytes(), fieldnames=fields, delimiter=";")
        yield writer.writerow({field: self.get_heading(queryset, field) for field in fields})
        for item in queryset:
            yield self.write_csv_row(writer, self.to_row_dict(item))


class ExportIndexView(ExcelCSVMixin, IndexView):
    """A list whose CSV Excel reads as UTF-8."""


def _local(value: Any, export_format: str) -> Any:
    """Return a moment in Paris, and a yes or no in words: Wagtail writes UTC and ``True``."""
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    if isinstance(value, datetime):
        moment = make_naive(value) if is_aware(value) else value
        return moment if export_format == "xlsx" else f"{moment:%d/%m/%Y %H:%M}"
    if isinstance(value, date) and export_format == "csv":
        return f"{value:%d/%m/%Y}"
    return value


def patch_wagtail_exports() -> None:
    """Write the cells of every export of Wagtail's as they are read here, and escape them.

    Its reports hold titles that partners typed, and moments in UTC.

    Wagtail writes formulas into CSV files as they are, and into a workbook as text, which is a
    formula again once that workbook is saved as CSV.
    """
    preprocess = SpreadsheetExportMixin.preprocess_field_value

    def escape(self: Any, field: str, value: Any, export_format: str) -> Any:
        if export_format not in self.custom_field_preprocess.get(field, {}):
            value = _local(value, export_format)
        cell = preprocess(self, field, value, export_format)
        return escape_formula(cell) if isinstance(cell, str) else cell

    SpreadsheetExportMixin.preprocess_field_value = escape
