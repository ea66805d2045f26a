"""The guide of the team: pages of docs/, which forges show too, as the admin shows them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from markdown_it import MarkdownIt

from core.templatetags.typography import typo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

DOCS = Path(settings.ROOT_DIR) / "docs"
GUIDE = DOCS / "guide"
INDEX = "README"
# What the pages of the guide refer to, for the team too.
REFERENCES = (
    *("annuaire", "contributions-equipe", "editeurs", "evenements", "frequentation"),
    *("langues", "lettre", "relecture"),
)
# Raw HTML is shown as it is written, and dangerous schemes make no link.
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Heading:
    """A heading of the second level."""

    anchor: str
    text: str


@dataclass(frozen=True)
class GuidePage:
    """A page as the admin shows it."""

    title: str
    html: str
    headings: list[Heading]


def find_page(name: str) -> Path | None:
    """Return the file of a page of the guide, or of one that it refers to."""
    folder = DOCS if name in REFERENCES else GUIDE
    path = folder / f"{name}.md"
    return path if path.is_file() else None


def read_page(path: Path) -> GuidePage:
    """Return a page, whose links and pictures lead to where the admin has them."""
    tokens = MARKDOWN.parse(path.read_text(encoding="utf-8"))
    title, tokens = _split_title(tokens)
    headings = list(_mark_headings(tokens))
    for token in tokens:
        if token.type == "table_open":
            # Scrolled by keyboard too, where the screen is narrower than its words.
            token.attrSet("tabindex", "0")
        if token.children:
            token.children = list(_lead_to_admin(token.children, path.parent))
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    return GuidePage(title, typo(html), headings)


def make_anchor(text: str) -> str:
    """Return the anchor that forges make of the text of a heading."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _split_title(tokens: list[Token]) -> tuple[str, list[Token]]:
    """Return the text of the first heading, and what follows it."""
    return _get_text(tokens[1]), tokens[3:]


def _get_text(token: Token) -> str:
    return "".join(child.content for child in token.children or [])


def _mark_headings(tokens: Sequence[Token]) -> Iterator[Heading]:
    """Give each heading its anchor; yield those of the second level."""
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            heading = Heading(make_anchor(_get_text(inline)), typo(_get_text(inline)))
            opening.attrSet("id", heading.anchor)
            if opening.tag == "h2":
                yield heading


def _lead_to_admin(children: Sequence[Token], folder: Path) -> Iterator[Token]:
    """Yield what is in a paragraph; links to what the guide doesn't show become text."""
    is_dropped = False
    for token in children:
        if token.type == "link_open":
            address = _admin_address(str(token.attrGet("href")), folder)
            is_dropped = address is None
            if address is not None:
                token.attrSet("href", address)
        elif token.type == "image":
            name = Path(str(token.attrGet("src"))).name
            token.attrSet("src", reverse("guide_image", args=[name]))
        if not (is_dropped and token.type.startswith("link_")):
            yield token


def _admin_address(link: str, folder: Path) -> str | None:
    """Return where a link of a page leads in the admin, if it leads anywhere there."""
    if "://" in link or link.startswith("#"):
        return link
    target, _mark, anchor = link.partition("#")
    path = (folder / target).resolve()
    if path.suffix != ".md" or find_page(path.stem) != path:
        return None
    args: list[Any] = [] if path.stem == INDEX else [path.stem]
    address = reverse("guide_page" if args else "guide", args=args)
    return f"{address}#{anchor}" if anchor else address
