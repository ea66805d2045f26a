"""What search engines may index: every visible page, and nothing that has expired or is private."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.db.models import Model
from wagtail.models import Page

from core.queries import visible
from core.web.links import page_path
from network.queries import visible_structures

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from network.models import Structure


M = TypeVar("M", bound=Model)


class PublicUrlSitemap(Sitemap[M]):
    """Base of the sitemaps: addresses start with ``PUBLIC_URL``, else with the request's host."""

    limit = 5000

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.PUBLIC_URL).scheme or super().get_protocol(protocol)

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.PUBLIC_URL).netloc or super().get_domain(site)


class PageSitemap(PublicUrlSitemap[Page]):
    """The visible pages below the sites' roots."""

    def items(self) -> QuerySet[Page]:
        return (
            visible(Page.objects.filter(depth__gt=1, alias_of=None))
            .select_related("locale")
            .order_by("path")
        )

    def location(self, item: Page) -> str:
        return page_path(item)

    def lastmod(self, item: Page) -> datetime | None:
        return item.last_published_at


class StructureSitemap(PublicUrlSitemap["Structure"]):
    """The visible structures: their addresses reveal no more than a name."""

    def items(self) -> QuerySet[Structure]:
        return visible_structures().select_related("locale").order_by("pk")

    def location(self, item: Structure) -> str:
        return item.path

    def lastmod(self, item: Structure) -> datetime | None:
        return item.last_published_at
