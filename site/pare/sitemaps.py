"""What search engines may index: every visible page, and nothing that has expired or is private."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Model

from core.models import Territory
from core.terms import TerritoryEntry, get_vocabulary
from core.web.links import localized_path
from network.department_pages import sheet_path
from network.queries import structure_items
from pare.screens import SCREENS
from published.models import Item, ItemFacet
from published.queries import items, page_items

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


M = TypeVar("M", bound=Model)


class PublicUrlSitemap(Sitemap[M]):
    """Base of the sitemaps: addresses start with ``PUBLIC_URL``, else with the request's host."""

    limit = 5000

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.PUBLIC_URL).scheme or super().get_protocol(protocol)

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.PUBLIC_URL).netloc or super().get_domain(site)


class PageSitemap(PublicUrlSitemap[Item]):
    """The pages below the sites' roots that anyone may read now."""

    def items(self) -> QuerySet[Item]:
        return page_items().filter(is_alias=False).exclude(path="").order_by("page__path")

    def location(self, item: Item) -> str:
        return item.path

    def lastmod(self, item: Item) -> datetime | None:
        return item.updated_at


class StructureSitemap(PublicUrlSitemap[Item]):
    """The structures that anyone may read of: their addresses reveal no more than a name."""

    def items(self) -> QuerySet[Item]:
        return structure_items().order_by("thing_id")

    def location(self, item: Item) -> str:
        return item.path

    def lastmod(self, item: Item) -> datetime | None:
        return item.updated_at


class SheetSitemap(PublicUrlSitemap[Any]):
    """The sheets of the departments that have structures."""

    def items(self) -> list[tuple[TerritoryEntry, str]]:
        rows = ItemFacet.objects.filter(name="territory", item__in=structure_items().values("pk"))
        places = set(rows.values_list("value", "item__language"))
        entries = sorted(get_vocabulary().territories.values(), key=lambda entry: entry.code)
        return [
            (entry, language)
            for entry in entries
            for language in dict(settings.LANGUAGES)
            if entry.kind == Territory.Kind.DEPARTMENT and (str(entry.pk), language) in places
        ]

    def location(self, sheet: tuple[TerritoryEntry, str]) -> str:
        return sheet_path(*sheet)


class ScreenSitemap(PublicUrlSitemap[Any]):
    """The pages that no row stands for, in the languages that have a home page."""

    def items(self) -> list[tuple[str, str]]:
        homes = items("home").filter(is_alias=False, page__depth=2).order_by("language")
        languages = set(homes.values_list("language", flat=True))
        return [
            (route, language)
            for route, screen in SCREENS.items()
            for language in dict(settings.LANGUAGES)
            if screen.is_indexed and language in languages
        ]

    def location(self, screen: tuple[str, str]) -> str:
        return localized_path(*screen)


SITEMAPS: dict[str, type[Sitemap[Any]]] = {
    "pages": PageSitemap,
    "structures": StructureSitemap,
    "sheets": SheetSitemap,
    "screens": ScreenSitemap,
}
