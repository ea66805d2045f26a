"""Which pages of text the public may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.models import Page

from core.queries import visible
from core.registry import schema_for
from home.models import CampaignPage, HomePage, StandardPage, TeamPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wagtail.query import PageQuerySet

    from core.models import BasePage

PAGE_TYPES: tuple[type[BasePage], ...] = (HomePage, StandardPage, CampaignPage, TeamPage)


def published_pages(types: Sequence[str] = ()) -> PageQuerySet[Page]:
    """Return the visible pages of text (of some types only), in the order of the tree."""
    models = [model for model in PAGE_TYPES if not types or schema_for(model).type_name() in types]
    return visible(Page.objects.type(*models)).select_related("locale").order_by("path")
