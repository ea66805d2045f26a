"""Querysets of the resources and news that the public may see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch

from core.models import Audience, Theme
from core.queries import filter_by_locale, localized_page_ids, visible
from core.schemas.base import FILE_COLUMNS
from core.schemas.images import PICTURE_COLUMNS, prefetch_card
from resources.models import NewsPage, NewsTag, ResourceAuthor, ResourcePage, ResourceTag

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from wagtail.query import PageQuerySet

RELATED_LIMIT = 3

CARD = (
    "title",
    "url_path",
    "search_description",
    "first_published_at",
    "last_published_at",
    "is_demo",
    "summary",
    "locale__language_code",
    "territory__code",
    "territory__name",
    "territory__kind",
)
"""The columns that the cards of both kinds show."""
RESOURCE_CARD = (
    "published_on",
    "published_on_precision",
    "content_language",
    "external_url",
    "video_url",
    "resource_type__slug",
    "resource_type__label",
    *(f"document__{name}" for name in FILE_COLUMNS),
    *(f"cover__{name}" for name in PICTURE_COLUMNS),
)
NEWS_CARD = ("date", *(f"image__{name}" for name in PICTURE_COLUMNS))


def tag_names(through: type[Model]) -> QuerySet[Any]:
    """Return the tags of pages, with their names alone."""
    return through._default_manager.select_related("tag").only("content_object", "tag__name")


def published_resources(locale: str, fallback: bool = False) -> PageQuerySet[ResourcePage]:
    """Return the visible resources in a language, latest first, with what their cards show.

    The number of queries does not depend on the number of rows.

    Args:
        locale: the language (BCP 47).
        fallback: whether French may stand in for what has no translation.
    """
    return filter_by_locale(_visible_resources(), locale, fallback)


def _visible_resources() -> PageQuerySet[ResourcePage]:
    return (
        visible(ResourcePage.objects.all())
        .select_related("locale", "resource_type", "territory", "document", "cover")
        # A list is half as long to build with what its cards show and no more.
        .only(*CARD, *RESOURCE_CARD)
        .prefetch_related(
            Prefetch("themes", Theme.objects.only("slug", "label")),
            Prefetch("audiences", Audience.objects.only("slug", "label")),
            Prefetch("authors", ResourceAuthor.objects.all()),
            Prefetch("tagged_items", tag_names(ResourceTag)),
            prefetch_card("cover"),
        )
        .order_by("-published_on", "-pk")
    )


def published_news(locale: str, fallback: bool = False) -> PageQuerySet[NewsPage]:
    """Return the visible news in a language, latest first, with what their cards show."""
    return (
        filter_by_locale(visible(NewsPage.objects.all()), locale, fallback)
        .select_related("locale", "territory", "image")
        .only(*CARD, *NEWS_CARD)
        .prefetch_related(
            Prefetch("themes", Theme.objects.only("slug", "label")),
            Prefetch("tagged_items", tag_names(NewsTag)),
            prefetch_card("image"),
        )
        .order_by("-date", "-pk")
    )


def visible_resource(pk: int) -> ResourcePage | None:
    """Return one resource if the public may see it, in the active language where it can be."""
    return _visible_resources().filter(pk=localized_page_ids([pk])[pk]).first()


def related_resources(page: ResourcePage) -> list[ResourcePage]:
    """Return the resources that an editor chose, or else the latest that share a theme."""
    chosen = [related.resource_id for related in page.related_resources.all()]
    if chosen:
        versions = localized_page_ids(chosen)
        found = _visible_resources().in_bulk(versions.values())
        return [found[versions[pk]] for pk in chosen if versions[pk] in found]
    themes = [theme.pk for theme in page.themes.all()]
    alike = published_resources(page.locale.language_code, fallback=True).filter(themes__in=themes)
    return list(alike.exclude(pk=page.pk).distinct()[:RELATED_LIMIT])
