"""The structures of the demonstration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from wagtail.models import Locale

from network.imports.planner import plan_import
from network.imports.reader import read_structures
from network.imports.writer import write_plan
from network.models import DirectoryPage, Structure

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

    from core.models import BasePage

SUMMARY = (
    "Trouver à qui s'adresser, et vers qui orienter, dans chaque département. "
    "Les lieux d'hébergement n'ont pas d'adresse : passez par leurs contacts."
)


def make_directory(home: BasePage) -> DirectoryPage:
    """Make the directory below a home page."""
    page = DirectoryPage(title="Réseau", slug="reseau", summary=SUMMARY, show_in_menus=True)
    home.add_child(instance=page)
    page.save_revision().publish()
    return page


def identifiers_in(path: Path) -> list[str]:
    """Return the identifiers of the structures of a table."""
    return [cells["external_id"] for _line, cells in read_structures(path.read_bytes()).rows]


def load_structures(path: Path, but: Container[str] = ()) -> list[Structure]:
    """Load a table of structures; what is here already stays as an editor left it.

    Within :func:`review.actors.acting`, since they are public at once.

    Args:
        path: the table.
        but: identifiers to pass over.

    Returns:
        The structures that were created.

    Raises:
        ValueError: a line of the table is wrong.
    """
    locale = Locale.objects.get(language_code=settings.LANGUAGE_CODE)
    planned = plan_import(read_structures(path.read_bytes()), locale)
    wrong = [f"{row.line}: {error}" for row in planned.rows for error in row.errors]
    if wrong:
        raise ValueError("\n".join(wrong))
    planned.rows = [
        row for row in planned.rows if row.action == "create" and row.external_id not in but
    ]
    write_plan(planned, is_published=True, is_demo=True)
    return [row.structure for row in planned.rows if row.structure]
