"""How links inside rich text become addresses when a page is read."""

from __future__ import annotations

from typing import Any

from django.utils.html import escape
from wagtail.models import Page
from wagtail.rich_text.pages import PageLinkHandler

from core.links import path_of
from core.queries import visible


class VisiblePageLinkHandler(PageLinkHandler):
    """Resolves links at reading time, and only to pages that the public may see.

    A link to a draft would tell its address and its existence: its words stay,
    without the link.
    """

    @classmethod
    def get_many(cls, attrs_list: list[dict[str, Any]]) -> list[Page | None]:
        """Return the page of each link, ``None`` where the public may not see it; one query."""
        ids = [attrs.get("id") for attrs in attrs_list]
        pages = visible(Page.objects.filter(pk__in=[i for i in ids if i])).select_related("locale")
        by_id = {str(page.pk): page for page in pages}
        return [by_id.get(str(i)) for i in ids]

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        """Return the opening tag of each link."""
        return [
            f'<a href="{escape(path_of(page))}">' if page else "<a>"
            for page in cls.get_many(attrs_list)
        ]
