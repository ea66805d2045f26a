"""How links inside rich text become addresses when a page is read."""

from __future__ import annotations

from typing import Any

from django.utils.html import escape
from wagtail.models import Page

from core.compat.rich_text import PageLinkHandler
from core.queries import localized_page_ids, visible
from core.web.links import page_path


class VisiblePageLinkHandler(PageLinkHandler):
    """Resolves links at reading time: to the reader's language, and only to what they may see.

    A link to a draft would reveal its address and its existence: its text stays,
    without the link.
    """

    @classmethod
    def get_many(cls, attrs_list: list[dict[str, Any]]) -> list[Page | None]:
        """Return the page of each link, ``None`` where the public may not see it."""
        ids = [int(i) if (i := attrs.get("id", "")).isdecimal() else 0 for attrs in attrs_list]
        versions = localized_page_ids(filter(None, ids))
        pages = visible(Page.objects.filter(pk__in=versions.values())).select_related("locale")
        by_id = pages.in_bulk()
        return [by_id.get(versions.get(i, 0)) for i in ids]

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        """Return the opening tag of each link."""
        return [
            f'<a href="{escape(page_path(page))}">' if page else "<a>"
            for page in cls.get_many(attrs_list)
        ]
