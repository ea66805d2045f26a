"""What search engines may index: every visible page, and nothing that has expired or is private."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Model

from network.queries import structure_items
from published.models import Item
from published.queries import page_items

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
