"""The little markup of the demonstration's texts, for rich text and for PDF alike.

Paragraphs are separated by a blank line, items of a list start with ``- `` or
``1. ``, and a line has ``**bold**`` and ``[links](target)``.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

BOLD = re.compile(r"\*\*(.+?)\*\*")
LINK = re.compile(r"\[(?P<words>[^\]]+)\]\((?P<target>\S+)\)")
MARKER = re.compile(r"(?:- |(?P<number>\d+)\. )")


@dataclass(frozen=True)
class Part:
    """A paragraph (of one text) or a list."""

    kind: Literal["p", "ul", "ol"]
    texts: list[str]


def parts_of(source: str) -> list[Part]:
    """Split a text into its paragraphs and lists."""
    return [_part(chunk) for chunk in re.split(r"\n\s*\n", source.strip()) if chunk]


def _part(chunk: str) -> Part:
    lines = [line.strip() for line in chunk.splitlines()]
    marker = MARKER.match(lines[0])
    if not marker:
        return Part("p", [" ".join(lines)])
    items: list[str] = []
    for line in lines:
        if found := MARKER.match(line):
            items.append(line[found.end() :])
        else:
            items[-1] += f" {line}"
    return Part("ol" if marker["number"] else "ul", items)


def inline(text: str, link: Callable[[str, str], str]) -> str:
    """Return one line as HTML.

    Args:
        text: with bold and links.
        link: makes the HTML of a link from its target and its words (already HTML).
    """
    marked = BOLD.sub(r"<b>\1</b>", html.escape(text, quote=False))
    return LINK.sub(lambda found: link(html.unescape(found["target"]), found["words"]), marked)


def to_html(source: str, link: Callable[[str, str], str]) -> str:
    """Return a text as HTML; ``link`` as for :func:`inline`."""
    return "".join(_part_html(part, link) for part in parts_of(source))


def _part_html(part: Part, link: Callable[[str, str], str]) -> str:
    texts = [inline(text, link) for text in part.texts]
    if part.kind == "p":
        return f"<p>{texts[0]}</p>"
    items = "".join(f"<li>{text}</li>" for text in texts)
    return f"<{part.kind}>{items}</{part.kind}>"
