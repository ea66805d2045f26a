"""Which resources and news the public may see, with everything that a reader will touch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch

from core.models import Audience, Theme
from core.queries import visible
from core.schemas import prefetch_card
from resources.models import NewsPage, NewsTag, ResourceAuthor, ResourcePage, ResourceTag

if TYPE_CHECKING:
    from wagtail.models import Page
    from wagtail.query import PageQuerySet

RELATED_LIMIT = 3


def published_resources() -> PageQuerySet[ResourcePage]:
    """Return the visible resources, latest first, ready to be said as cards.

    The number of queries does not depend on the number of rows.
    """
    return (
        visible(ResourcePage.objects.all())
        # Long, and no card shows them.
        .defer("body", "document__text")
        .select_related("locale", "resource_type", "territory", "document", "cover")
        .prefetch_related(
            Prefetch("themes", Theme.objects.all()),
            Prefetch("audiences", Audience.objects.all()),
            Prefetch("authors", ResourceAuthor.objects.all()),
            Prefetch("tagged_items", ResourceTag.objects.select_related("tag")),
            prefetch_card("cover"),
        )
        .order_by("-published_on", "-pk")
    )


def published_news() -> PageQuerySet[NewsPage]:
    """Return the visible news, latest first, ready to be said as cards."""
    return (
        visible(NewsPage.objects.all())
        .defer("body")
        .select_related("locale", "territory", "image")
        .prefetch_related(
            Prefetch("themes", Theme.objects.all()),
            Prefetch("tagged_items", NewsTag.objects.select_related("tag")),
            prefetch_card("image"),
        )
        .order_by("-date", "-pk")
    )


def latest_ids(rows: PageQuerySet[Any], index: Page, limit: int) -> list[int]:
    """Return the keys of the first rows below an index page."""
    return list(rows.child_of(index).values_list("pk", flat=True)[:limit])


def visible_resource(pk: int) -> ResourcePage | None:
    """Return one resource if the public may see it."""
    return published_resources().filter(pk=pk).first()


def related_resources(page: ResourcePage) -> list[ResourcePage]:
    """Return the resources that an editor chose, or else the latest that share a theme."""
    chosen = [related.resource_id for related in page.related_resources.all()]
    if chosen:
        found = published_resources().in_bulk(chosen)
        return [found[pk] for pk in chosen if pk in found]
    themes = [theme.pk for theme in page.themes.all()]
    alike = published_resources().filter(themes__in=themes, locale=page.locale)
    return list(alike.exclude(pk=page.pk).distinct()[:RELATED_LIMIT])
