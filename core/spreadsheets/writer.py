"""Writing the tables that somebody opens in a spreadsheet: no cell is ever run as a formula.

Every CSV file and workbook is written here. What people typed may start with ``=`` or ``@``, and a
spreadsheet would run it on the computer of the person who opens the file (OWASP, CSV injection).
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Any

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


class ExcelCSVMixin:
    """A list or a report whose CSV Excel reads as UTF-8."""

    def stream_csv(self, queryset: Iterable[Any]) -> Iterable[bytes]:
        """Yield the lines after the byte order mark."""
        yield BYTE_ORDER_MARK.encode()
        yield from super().stream_csv(queryset)  # type: ignore[misc]


class ExportIndexView(ExcelCSVMixin, IndexView):
    """A list whose CSV Excel reads as UTF-8."""


def patch_wagtail_exports() -> None:
    """Escape the cells of every export of Wagtail's: its reports hold titles that partners typed.

    Wagtail writes formulas into CSV files as they are, and into a workbook as text, which is a
    formula again once that workbook is saved as CSV.
    """
    preprocess = SpreadsheetExportMixin.preprocess_field_value

    def escape(self: Any, field: str, value: Any, export_format: str) -> Any:
        cell = preprocess(self, field, value, export_format)
        return escape_formula(cell) if isinstance(cell, str) else cell

    SpreadsheetExportMixin.preprocess_field_value = escape
