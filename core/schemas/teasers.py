"""One schema for any kind of page: for lists that mix kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from core.references import Ref
from core.schemas.base import Card, PartialDate
from core.schemas.images import Picture

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import BasePage


class Teaser(Card):
    """A page of any kind, in a list that mixes kinds."""

    kind: str = Field(
        description="The `type` of the page's own detail.", examples=["resource", "news"]
    )
    kind_label: str = Field(examples=["Guide pratique"])
    day: PartialDate | None = Field(description="The day that counts for this kind, if it has one.")
    picture: Picture | None

    @classmethod
    def own_words(cls, page: BasePage) -> dict[str, Any]:
        """Return the words of a page in a list that mixes kinds."""
        day, precision = page.get_display_date()
        image = page.get_share_image_id()
        return super().own_words(page) | {
            "kind_label": page.get_kind_label_ref(),
            "day": PartialDate.ref(day, precision) if day else None,
            "picture": Picture.ref(image, "card", alt=""),
        }


def teaser_ref(page_id: int) -> Ref:
    """Return the reference to the teaser of a page; what holds it goes while it is not public."""
    return Ref("teaser", (page_id,), is_required=True)


def teasers_ref(page_ids: Sequence[int], *, is_required: bool = False) -> Ref:
    """Return the reference to the teasers of pages: those that are public, each once."""
    return Ref("teasers", tuple(page_ids), is_required)
