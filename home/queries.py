"""Which pages of text the public may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.models import Page

from core.queries import filter_by_locale, visible
from core.registry import schema_for
from home.models import CampaignPage, HomePage, StandardPage, TeamPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wagtail.query import PageQuerySet

    from core.models import BasePage

PAGE_TYPES: tuple[type[BasePage], ...] = (HomePage, StandardPage, CampaignPage, TeamPage)


def published_pages(
    locale: str, fallback: bool = False, types: Sequence[str] = ()
) -> PageQuerySet[Page]:
    """Return the visible pages of text in a language, in the order of the tree.

    Args:
        locale: the language (BCP 47).
        fallback: whether French may stand in for what has no translation.
        types: the types to keep; all if there is none.
    """
    models = [model for model in PAGE_TYPES if not types or schema_for(model).type_name() in types]
    pages = filter_by_locale(visible(Page.objects.type(*models)), locale, fallback)
    return pages.select_related("locale").order_by("path")
