"""No export holds a cell that a spreadsheet would run, whichever view gives it."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from wagtail.admin.views.mixins import SpreadsheetExportMixin

from core.spreadsheets.writer import FORMULA_START, NUMBER, escape_formula, unescape_formula
from review.actors import acting
from tests.factories import NewsPageFactory
from tests.factories.events import RegistrationFactory
from tests.factories.network import StructureFactory
from tests.factories.newsletter import NewsletterIssuePageFactory, SubscriberFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
APPS = ("contributions", "core", "events", "home", "network", "newsletter", "resources")
APPS += ("review", "search")
FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.mark.parametrize(
    "text, expected",
    [
        (FORMULA, f"'{FORMULA}"),
        ("@SUM(1)", "'@SUM(1)"),
        ("+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\t=1", "'\t=1"),
        ("\n=1", "'\n=1"),
        ("＝1+1", "'＝1+1"),
        ("+33 1 23 45 67 89", "+33 1 23 45 67 89"),
        ("-1.5", "-1.5"),
        ("+33 1\n", "'+33 1\n"),
        ("a@example.org", "a@example.org"),
        ("", ""),
    ],
)
def test_a_formula_is_escaped_and_a_number_is_not(text: str, expected: str) -> None:
    assert escape_formula(text) == expected


@given(st.text() | st.sampled_from(FORMULA_START).flatmap(lambda sign: st.text().map(sign.__add__)))
def test_nothing_escaped_starts_as_a_formula_and_nothing_is_lost(text: str) -> None:
    escaped = escape_formula(text)

    assert not escaped.startswith(FORMULA_START) or NUMBER.fullmatch(escaped)
    assert unescape_formula(escaped) == text or text.startswith("'")


def exporting_views(
    patterns: list[URLPattern | URLResolver], prefix: str = ""
) -> Iterator[tuple[str, type[Any], dict[str, Any]]]:
    """Yield the name, class and arguments of every view of ours and of Wagtail's that exports."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inside = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from exporting_views(pattern.url_patterns, inside)
        else:
            view = getattr(pattern.callback, "view_class", None)
            if view and issubclass(view, SpreadsheetExportMixin):
                yield f"{prefix}{pattern.name}", view, pattern.callback.view_initkwargs


EXPORTS = {
    name: (view, options)
    for name, view, options in exporting_views(get_resolver().url_patterns)
    if options.get("list_export", view.list_export)
}


def test_the_exports_are_found() -> None:
    assert {"registrations:index", "subscribers:index"} <= set(EXPORTS)
    assert [name for name in EXPORTS if name.startswith("wagtailadmin_reports:")]


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("name", EXPORTS)
def test_every_view_that_exports_escapes_every_column(name: str, file_format: str) -> None:
    view, options = EXPORTS[name]
    exporter = view(**options)
    # The columns of some depend on the period that was chosen.
    exporter.request = RequestFactory().get("/")

    for field in exporter.list_export:
        if file_format in exporter.custom_field_preprocess.get(field, {}):
            continue  # Not what somebody typed: Wagtail words it.
        assert exporter.preprocess_field_value(field, FORMULA, file_format) == f"'{FORMULA}"


@pytest.fixture
def addresses(db: None) -> list[str]:
    """Every address that answers a spreadsheet, each with a row that somebody typed."""
    from newsletter.models import Delivery, Mailing

    RegistrationFactory(name=FORMULA, structure="@SUM(1)")
    subscriber = SubscriberFactory(first_name=FORMULA)
    StructureFactory(name=FORMULA, acronym="@SUM(1)")
    page = NewsPageFactory(title=FORMULA)
    with acting(system="demonstration"):
        page.save_revision(log_action=True).publish()
    mailing = Mailing.objects.create(page=NewsletterIssuePageFactory(), state="sent")
    Delivery.objects.create(mailing=mailing, subscriber=subscriber, state="failed", error=FORMULA)
    of_one_thing = {"figures_thing": ["page", page.pk]}
    pages = {
        f"{reverse(name, args=of_one_thing.get(name))}?export={file_format}"
        for name in EXPORTS
        for file_format in ("csv", "xlsx")
        if not name.endswith("_results")
    }
    return [
        *sorted(pages),
        *(f"/admin/reseau/exporter/{file_format}/" for file_format in ("csv", "xlsx")),
        "/api/v1/structures.csv",
        f"/admin/lettre/numeros/envois/{mailing.pk}/?export=csv",
    ]


def cells_of(content: bytes) -> list[str]:
    if content.startswith(b"PK"):
        rows = load_workbook(io.BytesIO(content)).active.iter_rows()
        cells = [cell for row in rows for cell in row]
        assert "f" not in {cell.data_type for cell in cells}
        return [cell.value for cell in cells if isinstance(cell.value, str)]
    return [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]


def test_no_spreadsheet_that_we_answer_runs_what_somebody_typed(
    addresses: list[str], editor_client: Client
) -> None:
    seen = 0
    for address in addresses:
        response = editor_client.get(address)
        assert response.status_code == 200, address
        content = b"".join(response) if response.streaming else response.content
        cells = cells_of(content)
        assert cells, address
        faulty = [c for c in cells if c.startswith(FORMULA_START) and not NUMBER.fullmatch(c)]
        assert faulty == [], address
        seen += any(FORMULA in cell for cell in cells)
    assert seen >= 10


def test_only_one_module_of_ours_writes_spreadsheets() -> None:
    writers = {
        str(path.relative_to(ROOT))
        for folder in (*APPS, "site/pare")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in {"writer", "DictWriter", "Workbook"}
    }

    assert writers == {"core/spreadsheets/writer.py"}
