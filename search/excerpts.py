"""The words of a page around those that were searched for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.html import escape
from wagtail.search.backends import get_search_backend

from core.search.words import Forms, Root
from published.models import Item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# The index puts a comma after each block of a body, and most end with a mark of their own.
BLOCK_SEPARATOR = re.compile(r"(?<=[.!?…:;]),(?= )")
EXCERPT_CHARACTERS = 260
"""Characters of an excerpt, about."""


def build_excerpts(summaries: Mapping[int, str], roots: Sequence[Root]) -> dict[int, str]:
    """Return an excerpt of each item, as HTML whose only tag is ``<mark>``.

    It comes from the summary, or from the body or a document where they have
    more of the words; it is empty where neither has any.

    Args:
        summaries: by the key of the item.
        roots: how the words begin.
    """
    if not summaries or not roots:
        return dict.fromkeys(summaries, "")
    passages = get_search_backend().passages(Item, list(summaries), roots)
    forms = Forms(roots)
    return {
        pk: _excerpt((summary, passages.get(pk, "")), forms) for pk, summary in summaries.items()
    }


def _excerpt(texts: Sequence[str], forms: Forms) -> str:
    """Return the passage with the most words, the first if there are several."""
    best, most = "", 0
    for given in texts:
        text = BLOCK_SEPARATOR.sub("", given.strip())
        start, end, words = _window(text, forms)
        if words > most:
            best, most = _marked(text, start, end, forms), words
    return best


def _window(text: str, forms: Forms) -> tuple[int, int, int]:
    """Return the start and end of the passage with the most words, and their number."""
    matches = forms.find(text)
    first, most = None, 0
    for match in matches:
        near = {
            other.lastindex
            for other in matches
            if match.start() <= other.start() < match.start() + EXCERPT_CHARACTERS * 2 // 3
        }
        if len(near) > most:
            first, most = match, len(near)
    if first is None:
        return 0, 0, 0
    start = max(0, min(first.start() - EXCERPT_CHARACTERS // 3, len(text) - EXCERPT_CHARACTERS))
    end = min(len(text), start + EXCERPT_CHARACTERS)
    # Whole words.
    if start:
        start = min(text.find(" ", start) + 1, first.start())
    if end < len(text):
        end = max(text.rfind(" ", start, end), first.end())
    return start, end, most


def _marked(text: str, start: int, end: int, forms: Forms) -> str:
    parts = ["… "] if start else []
    at = start
    for match in forms.find(text):
        if start <= match.start() and match.end() <= end:
            parts += [escape(text[at : match.start()]), "<mark>", escape(match[0]), "</mark>"]
            at = match.end()
    parts.append(escape(text[at:end]))
    if end < len(text):
        parts.append(" …")
    return "".join(parts)
