"""Every text has its English, and the programs that read the catalogues have the latest."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
import wagtail
import wagtail_localize
from django.utils.translation import ngettext, override

from scripts.french import build

ROOT = Path(__file__).resolve().parents[2]
LOCALES = ROOT / "locale"
# What French has is written by a script, and what it corrects of others by hand.
CODES = sorted(path.name for path in LOCALES.iterdir() if path.is_dir())
FOLDERS = (*(app.parent.name for app in ROOT.glob("*/apps.py")), "site")
FOR_VISITORS = re.compile(
    r"site/templates/(?!.*(accounts|admin|wagtail))|core/templatetags/|(contributions|events)/forms\.py|"
    r"\w+/(consent|emails|feeds|kinds|views|listings|site_info|schemas|opening_hours)\.py|"
    r"\w+/(personal_data|privacy)\.py|core/privacy/(registry|words)\.py"
)
"""Where the texts of the website and of its letters are, not those of the admin and its sign-in."""


def catalogue(code: str, root: Path = LOCALES) -> polib.POFile:
    return polib.pofile(str(root / code / "LC_MESSAGES" / "django.po"))


def test_english_is_complete_whatever_makemessages_finds(tmp_path: Path) -> None:
    if not shutil.which("xgettext"):
        pytest.skip("needs gettext")
    for name in (*FOLDERS, "locale"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "manage.py", tmp_path)
    subprocess.run(
        [
            *(sys.executable, "manage.py", "makemessages"),
            *("--locale", "en", "--no-location", "--extension", "html,txt,py,mjml"),
        ],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )

    found = catalogue("en", tmp_path / "locale")

    assert len(found) > 1000
    assert [entry.msgid for entry in found.untranslated_entries()] == []
    assert [entry.msgid for entry in found.fuzzy_entries()] == []


def test_arabic_has_all_that_visitors_read_in_templates_and_emails() -> None:
    entries = [
        entry
        for entry in catalogue("ar")
        if not entry.obsolete and any(FOR_VISITORS.match(file) for file, _line in entry.occurrences)
    ]

    assert len(entries) > 300
    assert [entry.msgid for entry in entries if not entry.translated()] == []


@pytest.mark.parametrize("code", CODES)
def test_what_is_compiled_is_what_is_written(code: str) -> None:
    written = catalogue(code)
    compiled = polib.mofile(str(LOCALES / code / "LC_MESSAGES" / "django.mo"))

    assert {e.msgid: (e.msgstr, e.msgstr_plural) for e in compiled} == {
        e.msgid: (e.msgstr, e.msgstr_plural) for e in written.translated_entries()
    }


def test_french_has_its_plurals_and_what_others_left_in_english() -> None:
    french = catalogue("fr")

    built = build(catalogue("en"), french)

    assert {(e.msgid, str(e.msgstr_plural)) for e in built} == {
        (e.msgid, str(e.msgstr_plural)) for e in french
    }, "make messages"
    ours = {entry.msgid for entry in catalogue("en") if entry.msgid_plural}
    corrected = {entry.msgid for entry in french} - ours
    assert corrected <= {
        entry.msgid
        for module in (wagtail, wagtail_localize)
        for path in Path(module.__file__).parent.rglob("locale/fr/LC_MESSAGES/*.po")
        for entry in polib.pofile(str(path))
    }


@pytest.mark.parametrize("count, expected", [(0, "0 jour ouvré"), (1, "1 jour ouvré")])
def test_none_is_singular_in_french(count: int, expected: str) -> None:
    with override("fr"):
        found = ngettext("%(days)s jour ouvré", "%(days)s jours ouvrés", count)

    assert found % {"days": count} == expected
