"""The fields of every page besides those of its card."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.urls import reverse
from pydantic import Field
from wagtail.models import Page

from core.queries import visible
from core.schemas.base import Card, Link, Seo, Translation
from core.schemas.images import SHARE_SPEC
from core.web.links import build_absolute_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from core.models import BasePage


class PageDetail(Card):
    """A page by itself. Each page type adds a literal ``type`` and its own fields."""

    breadcrumbs: list[Link] = Field(
        description="From the home page to the parent; hidden ones are left out."
    )
    translations: list[Translation]
    seo: Seo

    @classmethod
    def from_model(cls, page: Any, origin: str) -> Self:
        """Return the schema of a page, with addresses that start with ``origin``."""
        raise NotImplementedError

    @classmethod
    def type_name(cls) -> str:
        """Return the literal ``type`` of this detail."""
        return str(cls.model_fields["type"].default)

    @classmethod
    def detail_fields(cls, page: BasePage, origin: str) -> dict[str, Any]:
        """Return the fields of every detail; subclasses add their own."""
        card = cls.card_fields(page, origin)
        return card | {
            "breadcrumbs": [
                Link.from_model(ancestor, origin)
                for ancestor in visible(page.get_ancestors().filter(depth__gt=1)).select_related(
                    "locale"
                )
            ],
            "translations": serialize_translations(page, origin),
            "seo": Seo(
                title=page.seo_title or page.title,
                description=page.search_description or card["summary"],
                image_url=_share_image(page, origin),
            ),
        }


class IndexDetail(PageDetail):
    """A page that lists others; its list is an endpoint of its own."""

    list_url: str = Field(description="Address of the endpoint that returns its list.")

    list_route: ClassVar[str]
    """Name of that endpoint's address."""

    @classmethod
    def from_model(cls, page: BasePage, origin: str) -> Self:
        list_url = build_absolute_url(reverse(cls.list_route), origin)
        return cls(**cls.detail_fields(page, origin), list_url=list_url)


def serialize_translations(page: BasePage, origin: str) -> list[Translation]:
    """Return the visible translations of a page, aliases left out.

    An alias carries its source's text under another language: calling it a
    translation would be untrue.
    """
    if page.pk is None:
        return []
    others = visible(page.get_translations()).filter(alias_of=None).select_related("locale")
    return [_serialize_translation(other, origin) for other in others]


def translations_of(ids: Sequence[int], origin: str) -> dict[int, list[Translation]]:
    """Return the visible translations of each of these pages, by the id of the page.

    Costs one query.
    """
    keys = Page.objects.filter(pk__in=ids).values("translation_key")
    versions: dict[UUID, list[Page]] = defaultdict(list)
    for page in (
        visible(Page.objects.filter(translation_key__in=keys))
        .select_related("locale")
        .only("title", "url_path", "translation_key", "alias_of", "locale__language_code")
        .order_by("pk")
    ):
        versions[page.translation_key].append(page)
    return {
        page.pk: [
            _serialize_translation(other, origin)
            for other in pages
            if other.pk != page.pk and other.alias_of_id is None
        ]
        for pages in versions.values()
        for page in pages
    }


def _serialize_translation(page: Page, origin: str) -> Translation:
    return Translation(
        id=page.pk,
        locale=page.locale.language_code,
        title=page.title,
        html_url=Link.from_model(page, origin).html_url,
    )


def _share_image(page: BasePage, origin: str) -> str | None:
    image = page.get_share_image()
    return build_absolute_url(image.get_rendition(SHARE_SPEC).url, origin) if image else None
