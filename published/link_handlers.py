"""Links inside rich text where Wagtail itself expands it, as in its own API.

What readers get is composed (:mod:`core.richtext`).
"""

from __future__ import annotations

from typing import Any

from django.utils.html import escape

from core.compat.rich_text import PageLinkHandler
from published.queries import page_items


class PublicPageLinkHandler(PageLinkHandler):
    """Resolves links to public pages only.

    A link to a draft would reveal its address and its existence: its text stays, without the link.
    """

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        """Return the opening tag of each link."""
        ids = [int(pk) if (pk := attrs.get("id", "")).isdecimal() else 0 for attrs in attrs_list]
        paths = dict(page_items().filter(page__in=ids).values_list("page", "path"))
        return [f'<a href="{escape(paths[pk])}">' if pk in paths else "<a>" for pk in ids]
