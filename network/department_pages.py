"""The sheet of a department: all that it has, to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext
from wagtail.models import Locale

from core.listings import with_translations
from core.schemas import Seo, TerritoryTerm
from core.web.links import build_absolute_url, localized_path
from network.queries import directory_trail, published_structures, serving
from network.schemas import DepartmentSheet, StructureCard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.models import Territory
    from network.models import Structure
    from network.places import AccessLevel

MOST = 500
"""How many structures a sheet has at most: nobody prints more."""


def sheet_path(department: Territory, locale: str) -> str:
    """Return the path of a department's sheet on the site."""
    return localized_path("network:sheet", locale, department.code)


def build_department_page(
    department: Territory, locale: str, origin: str, access_level: AccessLevel, fallback: bool
) -> DepartmentSheet:
    """Return the sheet of a department; with *fallback*, in French where it is not translated."""
    rows = published_structures(locale, fallback, access_level)
    here = list(rows.filter(department=department)[:MOST])
    elsewhere = list(rows.filter(serving(department)).exclude(department=department)[:MOST])
    found = Locale.objects.filter(language_code=locale).first()
    trail = directory_trail(found, origin) if found else []
    path = sheet_path(department, locale)
    title = gettext("Structures du département : %(name)s (%(code)s)") % {
        "name": department.name,
        "code": department.code,
    }
    summary = gettext("À qui s'adresser et vers qui orienter, à imprimer ou à garder.")
    changed = [row.last_published_at for row in (*here, *elsewhere) if row.last_published_at]
    return DepartmentSheet(
        id=department.pk,
        title=title,
        summary=summary,
        path=path,
        html_url=build_absolute_url(path, origin),
        locale=locale,
        published_at=None,
        updated_at=max(changed, default=None),
        is_demo=any(row.is_demo for row in (*here, *elsewhere)),
        breadcrumbs=trail,
        translations=[],
        seo=Seo(title=title, description=summary, image_url=None),
        department=TerritoryTerm.from_model(department),
        region=TerritoryTerm.from_model(department.region) if department.region else None,
        structures=_cards(here, locale, origin, access_level),
        others=_cards(elsewhere, locale, origin, access_level),
        directory=trail[-1] if trail else None,
    )


def _cards(
    rows: Iterable[Structure], locale: str, origin: str, access_level: AccessLevel
) -> list[StructureCard]:
    return with_translations(
        [StructureCard.from_model(row, origin, access_level) for row in rows], locale, {}
    )
