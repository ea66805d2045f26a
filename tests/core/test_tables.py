"""One reader for every table that somebody made in a spreadsheet."""

from __future__ import annotations

import io
import zipfile

import pytest
from openpyxl import Workbook

from core.spreadsheets import reader as tables
from core.spreadsheets.reader import (
    Table,
    TableFormat,
    TableUnreadable,
    normalize_heading,
    read_table,
)

PEOPLE = TableFormat(
    columns=("email", "name"),
    required="email",
    missing_message="Il manque email.",
    max_rows=3,
    aliases={"courriel": "email", "nom_de_famille": "name"},
)
LENIENT = TableFormat(("email", "name"), "email", "Il manque email.", 3, ignores_unknown=True)


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def with_sheet(content: bytes, xml: str) -> bytes:
    """Return a workbook whose sheet is replaced."""
    output = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(output, "w", 8) as new:
        for entry in old.infolist():
            is_sheet = entry.filename == "xl/worksheets/sheet1.xml"
            new.writestr(entry.filename, xml if is_sheet else old.read(entry))
    return output.getvalue()


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</worksheet>'
)


def sheet(*rows: str, size: str = "A1:B2") -> str:
    return SHEET.format(f'<dimension ref="{size}"/><sheetData>{"".join(rows)}</sheetData>')


def row(number: int, **cells: str) -> str:
    inside = "".join(
        f'<c r="{column}{number}" t="inlineStr"><is><t>{text}</t></is></c>'
        for column, text in cells.items()
    )
    return f'<row r="{number}">{inside}</row>'


def cells_of(table: Table) -> list[dict[str, str]]:
    return [cells for _line, cells in table.rows]


CAMILLE = {"email": "c@example.org", "name": "Étienne"}


@pytest.mark.parametrize(
    "content",
    [
        "email,name\nc@example.org,Étienne\n".encode(),
        "\ufeffCourriel;Nom de famille\r\nc@example.org; Étienne \r\n".encode(),
        "COURRIEL\tNom de  famille\nc@example.org\tÉtienne\n".encode("cp1252"),
        '"email";"name"\n"c@example.org";"Étienne"'.encode("cp1252"),
        workbook(["Courriel", "Nom de famille"], ["c@example.org", "Étienne"]),
        workbook([], ["name", None, "email"], [], ["Étienne", None, "c@example.org"]),
    ],
    ids=["utf-8", "excel", "windows", "quoted", "workbook", "spread out"],
)
def test_the_same_table_is_read_from_every_kind_of_file(content: bytes) -> None:
    assert cells_of(read_table(content, PEOPLE)) == [CAMILLE]


def test_rows_keep_the_number_that_the_spreadsheet_shows() -> None:
    content = b'email,name\n\n"a@example.org","on\ntwo lines"\n,\nb@example.org,\n'

    assert [line for line, _cells in read_table(content, PEOPLE).rows] == [3, 5]


def test_cells_of_a_workbook_keep_what_a_person_saw() -> None:
    import datetime as dt

    content = workbook(["email", "name"], [True, 12.0], [dt.datetime(2026, 1, 31), 1.5], [None, 7])

    assert cells_of(read_table(content, PEOPLE)) == [
        {"email": "oui", "name": "12"},
        {"email": "2026-01-31", "name": "1.5"},
        {"email": "", "name": "7"},
    ]


def test_an_escaped_formula_comes_back_as_it_was_typed() -> None:
    assert cells_of(read_table(b"email,name\n'=1+1,'Amiens\n", PEOPLE)) == [
        {"email": "=1+1", "name": "'Amiens"}
    ]


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "manque email"),
        (b"name\nX\n", "manque email"),
        (b"email,age\na,2\n", "inconnues : age"),
        (b"email,courriel\na,b\n", "double : email"),
        (b'email,name\n1,"2\n', "abîmé"),
        (b"email,name\n1,2,3\n", "Ligne 2 : il y a plus de cellules"),
        (b"email\na\nb\nc\nd\n", "plus de 3 lignes"),
        (b"\x00\x01\x02", "ni un tableau CSV"),
        ("email\na\n".encode("utf-16"), "ni un tableau CSV"),
        (b"PK\x03\x04broken", "illisible"),
        (workbook(["email"])[:-40], "illisible"),
        (with_sheet(workbook(["email"]), "<worksheet><broken"), "illisible"),
        (with_sheet(workbook(["email"]), sheet('<row r="x"><c r="A1"/></row>')), "illisible"),
        (workbook(*(["email"] for _ in range(6))), "plus de 3 lignes"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(content: bytes, message: str) -> None:
    with pytest.raises(TableUnreadable, match=message):
        read_table(content, PEOPLE)


def test_a_format_may_ignore_columns_of_other_programs() -> None:
    table = read_table(b"id,email,id,Nom\n1,a@example.org,2,A\n", LENIENT)

    assert (table.columns, cells_of(table)) == (["email"], [{"email": "a@example.org"}])


def test_what_is_too_heavy_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = with_sheet(workbook(["email"]), sheet(row(1, A="email" + " " * 500_000)))
    assert len(bomb) < 50_000

    monkeypatch.setattr(tables, "MAX_UNPACKED_BYTES", 400_000)
    with pytest.raises(TableUnreadable, match="classeur est trop lourd"):
        read_table(bomb, PEOPLE)
    monkeypatch.setattr(tables, "MAX_BYTES", 1000)
    with pytest.raises(TableUnreadable, match="fichier est trop lourd"):
        read_table(bomb, PEOPLE)


def test_the_size_that_a_sheet_declares_is_not_believed() -> None:
    far = sheet(
        row(1, A="email"), row(2, A="a@example.org"), row(1_048_576, A="z@example.org"),
        size="A1:XFD1048576",
    )  # fmt: skip
    near = sheet(row(1, A="email", B="name"), row(2, A="a@example.org", B="A"), size="A1:A1")
    base = workbook(["email"])

    assert [line for line, _cells in read_table(with_sheet(base, far), PEOPLE).rows] == [
        2,
        1_048_576,
    ]
    assert cells_of(read_table(with_sheet(base, near), PEOPLE)) == [
        {"email": "a@example.org", "name": "A"}
    ]


@pytest.mark.parametrize(
    "heading, name",
    [("Code postal", "code_postal"), (" E-mail ", "e_mail"), ("Vérifiée le :", "verifiee_le")],
)
def test_headings_are_compared_without_case_accents_or_punctuation(heading: str, name: str) -> None:
    assert normalize_heading(heading) == name
