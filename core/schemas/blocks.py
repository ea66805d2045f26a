"""The blocks of a body, as a union told apart by ``type``.

Each block's ``value`` in :mod:`core.blocks` has its schema here; a system check
keeps the two in step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field

from core.references import Ref
from core.richtext import html_words
from core.schemas.base import File, Html, Schema
from core.schemas.images import Picture
from core.schemas.teasers import Teaser, teasers_ref

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
        return cls.construct_trusted(
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


def serialize_body(body: StreamValue) -> list[Any]:
    """Return the words of the blocks of a body.

    What an editor left empty, or a block had not yet when it was written, may be ``None``. A block
    that only leads to what is not public is left out on reading.
    """
    words = (BLOCK_SERIALIZERS[child.block_type](child.value) for child in body)
    return [block for block in words if block is not None]


def _rich_text(value: Any) -> RichText:
    return RichText.construct_trusted(html=html_words(value.source))


def _heading(value: Any) -> Heading:
    return Heading.construct_trusted(text=value["text"], level=3 if value["level"] == "3" else 2)


def _picture(image: Any, *, is_required: bool = False) -> Ref | None:
    return Picture.ref(
        image.pk, "full", alt=image.contextual_alt_text or "", is_required=is_required
    )


def _figure(value: Any) -> Figure | None:
    if value["image"] is None:
        return None
    return Figure.construct_trusted(
        picture=_picture(value["image"], is_required=True), caption=value["caption"] or ""
    )


def _document(value: Any) -> DocumentDownload | None:
    if value["document"] is None:
        return None
    file = File.ref(value["document"].pk, value["title"] or "", is_required=True)
    return DocumentDownload.construct_trusted(file=file)


def _video(value: Any) -> Video:
    transcript = value["transcript"]
    return Video.construct_trusted(
        url=value["url"],
        title=value["title"],
        poster=_picture(value["poster"]) if value["poster"] else None,
        duration=value["duration"] or "",
        transcript=html_words(transcript.source) if transcript else "",
    )


def _quote(value: Any) -> Quote:
    return Quote.construct_trusted(text=value["text"], attribution=value["attribution"] or "")


def _key_figures(value: Any) -> KeyFigures:
    return KeyFigures.construct_trusted(
        figures=[KeyFigure.from_value(figure) for figure in value["figures"]]
    )


def target_ref(value: Any) -> Ref | str:
    """Return where a :class:`core.blocks.LinkTargetBlock` leads: a page of the site or an address.

    What holds it is left out while the page is not public.
    """
    return (
        Ref("url", (value["page"].pk,), is_required=True) if value["page"] else value["url"] or ""
    )


def _call_to_action(value: Any) -> CallToAction | None:
    target = target_ref(value)
    if not target:
        return None
    return CallToAction.construct_trusted(
        title=value["title"], text=value["text"] or "", button=value["button"], url=target
    )


def _accordion(value: Any) -> Accordion:
    return Accordion.construct_trusted(
        items=[
            AccordionItem.construct_trusted(
                title=item["title"], html=html_words(item["content"].source)
            )
            for item in value["items"]
        ]
    )


def _table(value: Any) -> Table:
    table = value["table"] or {}
    rows = [[cell or "" for cell in row] for row in table.get("data") or []]
    has_head = bool(table.get("first_row_is_table_header")) or (
        table.get("table_header_choice") in {"row", "both"}
    )
    return Table.construct_trusted(
        caption=value["caption"],
        head=rows[0] if has_head and rows else [],
        rows=rows[1:] if has_head else rows,
        has_row_headings=bool(table.get("first_col_is_header")),
    )


def _linked_content(value: Any) -> LinkedContent | None:
    ids = [page.pk for page in value["pages"] if page is not None]
    if not ids:
        return None
    return LinkedContent.construct_trusted(
        title=value["title"] or "", items=teasers_ref(ids, is_required=True)
    )


BLOCK_SERIALIZERS: dict[str, Callable[[Any], Any]] = {
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
