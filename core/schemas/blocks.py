"""The blocks of a body, as a union told apart by ``type``.

Each block's ``value`` in :mod:`core.blocks` has its schema here; a system check
keeps the two in step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field
from wagtail.models import Page

from core.queries import localized_page_ids, visible
from core.richtext import render_rich_text
from core.schemas.base import File, Html, Schema
from core.schemas.images import FULL_SPECS, Picture
from core.schemas.teasers import Teaser, serialize_teasers
from core.web.links import build_absolute_url, page_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from wagtail.blocks import StreamValue


class RichText(Schema):
    type: Literal["rich_text"] = "rich_text"
    html: Html


class Heading(Schema):
    type: Literal["heading"] = "heading"
    text: str
    level: Literal[2, 3]


class Figure(Schema):
    type: Literal["image"] = "image"
    picture: Picture
    caption: str


class DocumentDownload(Schema):
    type: Literal["document"] = "document"
    file: File


class Video(Schema):
    """A video at its host: a poster and a link, nothing that loads by itself."""

    type: Literal["video"] = "video"
    url: str
    title: str
    poster: Picture | None
    duration: str = Field(examples=["12:30"])
    transcript: Html


class Quote(Schema):
    type: Literal["quote"] = "quote"
    text: str
    attribution: str


class KeyFigure(Schema):
    """A figure, never without its source and date."""

    value: str = Field(examples=["7 000 à 10 000"])
    label: str
    source: str
    source_url: str

    @classmethod
    def from_value(cls, value: Any) -> Self:
        return cls(
            value=value["value"],
            label=value["label"],
            source=value["source"],
            source_url=value["source_url"] or "",
        )


class KeyFigures(Schema):
    type: Literal["key_figures"] = "key_figures"
    figures: list[KeyFigure]


class CallToAction(Schema):
    type: Literal["call_to_action"] = "call_to_action"
    title: str
    text: str
    button: str
    url: str


class AccordionItem(Schema):
    title: str
    html: Html


class Accordion(Schema):
    type: Literal["accordion"] = "accordion"
    items: list[AccordionItem]


class Table(Schema):
    type: Literal["table"] = "table"
    caption: str
    head: list[str] = Field(description="Column headings; empty where the table has none.")
    rows: list[list[str]]
    has_row_headings: bool = Field(description="Whether each row's first cell is its heading.")


class LinkedContent(Schema):
    type: Literal["linked_content"] = "linked_content"
    title: str
    items: list[Teaser]


Block = Annotated[
    RichText
    | Heading
    | Figure
    | DocumentDownload
    | Video
    | Quote
    | KeyFigures
    | CallToAction
    | Accordion
    | Table
    | LinkedContent,
    Field(discriminator="type"),
]


def serialize_body(body: StreamValue, origin: str) -> list[Block]:
    """Return the blocks of a body, without those that link to a hidden page.

    What an editor left empty, or a block had not yet when it was written, may be ``None``.
    """
    data = (BLOCK_SERIALIZERS[child.block_type](child.value, origin) for child in body)
    return [block for block in data if block is not None]


def _rich_text(value: Any, origin: str) -> RichText:
    return RichText(html=render_rich_text(value.source, origin))


def _heading(value: Any, origin: str) -> Heading:
    return Heading(text=value["text"], level=3 if value["level"] == "3" else 2)


def _picture(image: Any, origin: str) -> Picture:
    return Picture.from_model(image, origin, FULL_SPECS, alt=image.contextual_alt_text or "")


def _figure(value: Any, origin: str) -> Figure | None:
    if value["image"] is None:
        return None
    return Figure(picture=_picture(value["image"], origin), caption=value["caption"] or "")


def _document(value: Any, origin: str) -> DocumentDownload | None:
    if value["document"] is None:
        return None
    return DocumentDownload(
        file=File.from_model(value["document"], origin, title=value["title"] or "")
    )


def _video(value: Any, origin: str) -> Video:
    transcript = value["transcript"]
    return Video(
        url=value["url"],
        title=value["title"],
        poster=_picture(value["poster"], origin) if value["poster"] else None,
        duration=value["duration"] or "",
        transcript=render_rich_text(transcript.source, origin) if transcript else "",
    )


def _quote(value: Any, origin: str) -> Quote:
    return Quote(text=value["text"], attribution=value["attribution"] or "")


def _key_figures(value: Any, origin: str) -> KeyFigures:
    return KeyFigures(figures=[KeyFigure.from_value(figure) for figure in value["figures"]])


def get_target_url(value: Any, origin: str) -> str:
    """Return the address of a :class:`core.blocks.LinkTargetBlock`; empty for a hidden page."""
    if not value["page"]:
        return value["url"] or ""
    key = value["page"].pk
    page = (
        visible(Page.objects.filter(pk=localized_page_ids([key])[key]))
        .select_related("locale")
        .first()
    )
    return build_absolute_url(page_path(page), origin) if page else ""


def _call_to_action(value: Any, origin: str) -> CallToAction | None:
    url = get_target_url(value, origin)
    if not url:
        return None
    return CallToAction(
        title=value["title"], text=value["text"] or "", button=value["button"], url=url
    )


def _accordion(value: Any, origin: str) -> Accordion:
    return Accordion(
        items=[
            AccordionItem(
                title=item["title"], html=render_rich_text(item["content"].source, origin)
            )
            for item in value["items"]
        ]
    )


def _table(value: Any, origin: str) -> Table:
    table = value["table"] or {}
    rows = [[cell or "" for cell in row] for row in table.get("data") or []]
    has_head = bool(table.get("first_row_is_table_header")) or (
        table.get("table_header_choice") in {"row", "both"}
    )
    return Table(
        caption=value["caption"],
        head=rows[0] if has_head and rows else [],
        rows=rows[1:] if has_head else rows,
        has_row_headings=bool(table.get("first_col_is_header")),
    )


def _linked_content(value: Any, origin: str) -> LinkedContent | None:
    items = serialize_teasers([page.pk for page in value["pages"] if page is not None], origin)
    return LinkedContent(title=value["title"] or "", items=items) if items else None


BLOCK_SERIALIZERS: dict[str, Callable[[Any, str], Any]] = {
    "rich_text": _rich_text,
    "heading": _heading,
    "image": _figure,
    "document": _document,
    "video": _video,
    "quote": _quote,
    "key_figures": _key_figures,
    "call_to_action": _call_to_action,
    "accordion": _accordion,
    "table": _table,
    "linked_content": _linked_content,
}
