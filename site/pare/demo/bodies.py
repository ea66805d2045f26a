"""From the bodies written in YAML to what a StreamField keeps."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pare.demo.content import Item

LINK = re.compile(r'<a href="page:(?P<key>[\w-]+)">(?P<words>.*?)</a>')
# What folds a long text over several lines in the files has no meaning around these.
AROUND_BLOCKS = re.compile(r"\s+(?=</?(?:p|ul|ol|li)\b)")
ITEMS = UUID("0c5d6b0e-3f0b-5d0c-9a55-2f6f0c1f4b11")
PAGE = "page:"
"""What a target that is a page of the demonstration starts with; its key follows."""


class Bodies:
    """Makes the raw value of StreamFields.

    Args:
        pages, images, documents: primary keys by the keys of the demonstration.
            What is missing (an editor deleted it) is left out, and so is a
            block that is nothing without it.
    """

    def __init__(
        self, pages: dict[str, int], images: dict[str, int], documents: dict[str, int]
    ) -> None:
        self.pages = pages
        self.images = images
        self.documents = documents

    def body(self, namespace: UUID, blocks: Iterable[Item]) -> str:
        """Return a body as JSON; each block of ``blocks`` has one key, its type."""
        return self.stream(
            namespace,
            (
                (kind, value)
                for block in blocks
                for kind, data in block.items()
                if (value := getattr(self, f"_{kind}")(data)) is not None
            ),
        )

    @staticmethod
    def stream(namespace: UUID, blocks: Iterable[tuple[str, Any]]) -> str:
        """Return blocks as JSON, with identifiers that are the same at every loading."""
        return json.dumps(
            [
                {"type": kind, "value": value, "id": str(uuid5(namespace, f"{position}:{kind}"))}
                for position, (kind, value) in enumerate(blocks)
            ]
        )

    def rich_text(self, source: str) -> str:
        """Return HTML as rich text keeps it, with links to pages by their primary key."""
        return LINK.sub(self._link, AROUND_BLOCKS.sub("", source))

    def target(self, to: str) -> Item:
        """Return a page or an address as :class:`core.blocks.LinkTargetBlock` keeps it."""
        if to.startswith(PAGE):
            return {"page": self.pages.get(to.removeprefix(PAGE)), "url": ""}
        return {"page": None, "url": to}

    def _link(self, found: re.Match[str]) -> str:
        page, words = self.pages.get(found["key"]), found["words"]
        return f'<a linktype="page" id="{page}">{words}</a>' if page else words

    def image(self, data: Item) -> Item | None:
        """Return an image as Wagtail's ``ImageBlock`` keeps it; without ``alt``, decorative."""
        image = self.images.get(data["image"])
        if image is None:
            return None
        alt = data.get("alt", "")
        return {"image": image, "alt_text": alt, "decorative": not alt}

    @staticmethod
    def figure(data: Item) -> Item:
        return {"source_url": "", **data}

    # One method for each type of block, which returns its value.

    def _rich_text(self, data: str) -> str:
        return self.rich_text(data)

    def _heading(self, data: str | Item) -> Item:
        return {"level": "2", **(data if isinstance(data, dict) else {"text": data})}

    def _image(self, data: Item) -> Item | None:
        image = self.image(data)
        return image and {"image": image, "caption": data.get("caption", "")}

    def _document(self, data: Item) -> Item | None:
        document = self.documents.get(data["document"])
        return {"document": document, "title": data.get("title", "")} if document else None

    def _video(self, data: Item) -> Item:
        no_poster = {"image": None, "alt_text": "", "decorative": False}
        return {
            "url": data["url"],
            "title": data["title"],
            "poster": self.image({"image": data["poster"]}) or no_poster,
            "duration": data.get("duration", ""),
            "transcript": self.rich_text(data.get("transcript", "")),
        }

    def _quote(self, data: Item) -> Item:
        return {"attribution": "", **data}

    def _key_figures(self, data: list[Item]) -> Item:
        return {"figures": _items(self.figure(each) for each in data)}

    def _call_to_action(self, data: Item) -> Item | None:
        target = self.target(data["to"])
        if not any(target.values()):
            return None
        return {
            "title": data["title"],
            "text": data.get("text", ""),
            "button": data["button"],
            **target,
        }

    def _accordion(self, data: list[Item]) -> Item:
        return {
            "items": _items(
                {"title": each["title"], "content": self.rich_text(each["content"])}
                for each in data
            )
        }

    def _table(self, data: Item) -> Item:
        return {
            "caption": data["caption"],
            "table": {
                "data": data["rows"],
                "cell": [],
                "mergeCells": [],
                "table_caption": "",
                "first_row_is_table_header": True,
                "first_col_is_header": True,
                "table_header_choice": "both",
            },
        }

    def _linked_content(self, data: Item) -> Item | None:
        pages = _items(self.pages[key] for key in data["pages"] if key in self.pages)
        return {"title": data.get("title", ""), "pages": pages} if pages else None


def _items(values: Iterable[Any]) -> list[Item]:
    """Return values as ``ListBlock`` stores them, each with an identifier."""
    return [
        {"type": "item", "value": value, "id": str(uuid5(ITEMS, f"{position}:{value}"))}
        for position, value in enumerate(values)
    ]
