"""Templates are where somebody looks for them."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.template.loader import get_template

ROOT = Path(settings.ROOT_DIR)


def test_all_templates_are_in_one_folder() -> None:
    apps = [path.parent.name for path in ROOT.glob("*/apps.py")]
    assert "core" in apps

    assert [app for app in apps if (ROOT / app / "templates").exists()] == []


def test_every_template_compiles() -> None:
    folder = ROOT / "site" / "templates"
    templates = [path for path in folder.rglob("*") if path.suffix in {".html", ".txt", ".mjml"}]
    assert len(templates) > 100

    for path in templates:
        get_template(str(path.relative_to(folder)))


def test_each_page_begins_with_what_the_exit_needs() -> None:
    folder = ROOT / "site" / "templates"
    whole = {
        str(path.relative_to(folder)): text
        for path in folder.rglob("*.html")
        if "<html" in (text := path.read_text(encoding="utf-8"))
    }
    # Letters, and what the administration frames or gives to copy.
    pages = {
        name for name in whole if "admin" not in Path(name).parts and name != "emails/frame.html"
    }

    assert pages == {"base.html", "500.html", "home/quick_exit.html", "ninja/swagger.html"}
    for page in pages:
        before_title, _title, _rest = whole[page].partition("<title>")
        assert 'include "components/exit_script.html"' in before_title, page
        assert "stylesheet" not in before_title, page
