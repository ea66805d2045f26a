"""One schema for any kind of page: for lists that mix kinds."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Self

from django.contrib.contenttypes.models import ContentType
from django.db.models import prefetch_related_objects
from pydantic import Field
from wagtail.models import Page

from core.queries import localized_page_ids, visible
from core.registry import schema_for
from core.schemas.base import Card, PartialDate
from core.schemas.images import CARD_SPECS, Picture, card_renditions

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
    def from_page(cls, page: BasePage, origin: str) -> Self:
        """Return the teaser of a page loaded by ``for_teasers`` of its type."""
        day, precision = page.get_display_date()
        image = page.get_share_image()
        return cls(
            **cls.card_fields(page, origin),
            kind=schema_for(type(page)).type_name(),
            kind_label=page.get_kind_label(),
            day=PartialDate.from_value(day, precision) if day else None,
            picture=Picture.from_model(image, origin, CARD_SPECS, alt="") if image else None,
        )


def serialize_teasers(ids: Sequence[int], origin: str) -> list[Teaser]:
    """Return the teasers of the pages with these ids, in this order, each once."""
    data = teasers_by_id(ids, origin)
    return list({data[pk].id: data[pk] for pk in ids if pk in data}.values())


def teasers_by_id(ids: Sequence[int], origin: str) -> dict[int, Teaser]:
    """Return the teasers of visible pages by id, in the active language where translated.

    Costs two queries, one for each type of page present, and one more where another language
    than French is active.
    """
    versions = localized_page_ids(ids)
    by_type: dict[int, list[int]] = defaultdict(list)
    for pk, type_id in visible(Page.objects.filter(pk__in=versions.values())).values_list(
        "pk", "content_type_id"
    ):
        by_type[type_id].append(pk)
    pages: dict[int, Any] = {}
    for type_id, pks in by_type.items():
        model: Any = ContentType.objects.get_for_id(type_id).model_class()
        # A page of a type that was removed, or the root, has no teaser.
        if hasattr(model, "for_teasers"):
            pages |= {page.pk: page for page in model.for_teasers().filter(pk__in=pks)}
    images = [image for page in pages.values() if (image := page.get_share_image())]
    prefetch_related_objects(images, card_renditions())
    return {
        asked: Teaser.from_page(pages[pk], origin) for asked, pk in versions.items() if pk in pages
    }
