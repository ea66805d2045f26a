"""The sheet of a department: all that it has, to print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext

from core.references import Ref, to_words
from core.web.links import localized_path
from network.queries import located_in, serving, structure_items
from network.schemas import DepartmentSheet
from published.composing import Entry, Head, Reading, compose, head_of, head_words
from published.queries import in_language

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.terms import TerritoryEntry
    from network.places import AccessLevel
    from published.models import Item

MOST = 500
"""How many structures a sheet has at most: nobody prints more."""
NO_KEY = UUID(int=0)


def sheet_path(department: TerritoryEntry, locale: str) -> str:
    """Return the path of a department's sheet on the site."""
    return localized_path("network:sheet", locale, department.code)


def build_department_page(
    department: TerritoryEntry,
    locale: str,
    origin: str,
    access_level: AccessLevel,
    fallback: bool,
) -> DepartmentSheet:
    """Return the sheet of a department; with *fallback*, in French where it is not translated."""
    rows = in_language(structure_items(), locale, fallback).order_by("title", "thing_id")
    located = located_in(department)
    here = list(rows.filter(located)[:MOST])
    elsewhere = list(rows.filter(serving(department)).exclude(located)[:MOST])
    title = gettext("Structures du département : %(name)s (%(code)s)") % {
        "name": department.name,
        "code": department.code,
    }
    summary = gettext("À qui s'adresser et vers qui orienter, à imprimer ou à garder.")
    region = Ref("territory", (department.region_id,)) if department.region_id else None
    words = {
        "title": title,
        "summary": summary,
        "is_demo": any(item.card["is_demo"] for item in (*here, *elsewhere)),
        "breadcrumbs": Ref("directory_trail", (locale,)),
        "seo": {"title": title, "description": summary, "image_url": None},
        "department": Ref("territory", (department.pk,)),
        "region": region,
        "directory": None,
    }
    reading = Reading(origin, locale, access_level)
    lists = {"structures": _cards(here, reading), "others": _cards(elsewhere, reading)}
    changed = max((item.updated_at for item in (*here, *elsewhere)), default=None)
    head = Head(department.pk, sheet_path(department, locale), locale, NO_KEY, None, changed)
    entry = Entry(DepartmentSheet, to_words(words) | lists, head)
    (sheet,) = compose([entry], reading, with_translations=False)
    directory = sheet.breadcrumbs[-1] if sheet.breadcrumbs else None
    return sheet.model_copy(update={"directory": directory})


def _cards(items: Iterable[Item], reading: Reading) -> list[dict[str, Any]]:
    return [
        {**item.card, **head_words(head_of(item), reading), "translations": []} for item in items
    ]
