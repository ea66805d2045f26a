"""What search engines may index: every visible page, and nothing that has expired or is private."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.sitemaps import Sitemap
from wagtail.models import Page

from core.links import path_of
from core.queries import visible

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


class PageSitemap(Sitemap[Page]):
    """The visible pages below the sites' roots."""

    limit = 5000

    def items(self) -> QuerySet[Page]:
        return (
            visible(Page.objects.filter(depth__gt=1, alias_of=None))
            .select_related("locale")
            .order_by("path")
        )

    def location(self, item: Page) -> str:
        return path_of(item)

    def lastmod(self, item: Page) -> datetime | None:
        return item.last_published_at
