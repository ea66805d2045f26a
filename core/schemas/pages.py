"""The fields of every page besides those of its card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from core.references import Ref
from core.schemas.base import Card, Link, Seo, Translation

if TYPE_CHECKING:
    from collections.abc import Iterable


class PageDetail(Card):
    """A page by itself. Each page type adds a literal ``type`` and its own fields."""

    breadcrumbs: list[Link] = Field(
        description="From the home page to the parent; hidden ones are left out."
    )
    translations: list[Translation]
    seo: Seo

    @classmethod
    def type_name(cls) -> str:
        """Return the literal ``type`` of this detail."""
        return str(cls.model_fields["type"].default)

    @classmethod
    def own_words(cls, page: Any) -> dict[str, Any]:
        words = super().own_words(page)
        return words | {
            "seo": {
                "title": getattr(page, "seo_title", "") or words["title"],
                "description": getattr(page, "search_description", "") or words["summary"],
                "image_url": share_image_ref(page),
            },
        }

    @classmethod
    def own_facets(cls, page: Any) -> dict[str, Iterable[object]]:
        """Return the values by which its list is filtered, for each filter."""
        return {}

    @classmethod
    def own_columns(cls, page: Any) -> dict[str, Any]:
        """Return the columns of its item by which its list is ordered and cut."""
        return {}


def share_image_ref(page: Any) -> Ref | None:
    """Return the reference to the address of the image that stands for a page, if it has one."""
    image = page.get_share_image_id() if hasattr(page, "get_share_image_id") else None
    return Ref("picture_url", (image, "share")) if image else None


class IndexDetail(PageDetail):
    """A page that lists others; its list is an endpoint of its own."""

    list_url: str = Field(description="Address of the endpoint that returns its list.")

    list_route: ClassVar[str]
    """Name of that endpoint's address."""

    @classmethod
    def own_words(cls, page: Any) -> dict[str, Any]:
        return super().own_words(page) | {"list_url": Ref("route", (cls.list_route,))}
