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
