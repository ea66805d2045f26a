"""Rich text: as readers get it, and as words that refer to what it links to."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from wagtail.rich_text import features
from wagtail.rich_text.rewriters import EmbedRewriter, LinkRewriter, MultiRuleRewriter

from core.references import Ref
from core.web.links import LOCAL_URL

if TYPE_CHECKING:
    from collections.abc import Callable

# No HTML of an editor has this character.
SEPARATOR = "\x00"
LINKED_KINDS = ("page", "document")
"""The kinds of links whose targets have words and addresses of their own."""


def html_words(source: str) -> str | Ref:
    """Return database HTML as words: text, with references where it links to something of ours.

    Local addresses that an editor typed refer to the origin, which is the reader's.
    """
    marked = _rewriter()(source.replace(SEPARATOR, ""))
    marked = LOCAL_URL.sub(rf'\1="{SEPARATOR}origin:{SEPARATOR}\2"', marked)
    parts = marked.split(SEPARATOR)
    if len(parts) == 1:
        return marked
    words = [part if number % 2 == 0 else _reference(part) for number, part in enumerate(parts)]
    return Ref("html", tuple(part for part in words if part != ""))


def _reference(mark: str) -> Ref:
    kind, _colon, key = mark.partition(":")
    return Ref(f"{kind}_tag" if kind in LINKED_KINDS else kind, (int(key),) if key else ())


@lru_cache
def _rewriter() -> MultiRuleRewriter:
    rules: dict[str, Any] = {
        name: handler.expand_db_attributes_many
        for name, handler in features.get_link_types().items()
    }
    rules |= {kind: _mark(kind) for kind in LINKED_KINDS}
    embeds = {
        name: handler.expand_db_attributes_many
        for name, handler in features.get_embed_types().items()
    }
    return MultiRuleRewriter([LinkRewriter(bulk_rules=rules), EmbedRewriter(bulk_rules=embeds)])


def _mark(kind: str) -> Callable[[list[dict[str, str]]], list[str]]:
    def mark(links: list[dict[str, str]]) -> list[str]:
        return [
            f"{SEPARATOR}{kind}:{pk}{SEPARATOR}"
            if (pk := link.get("id", "")).isdecimal()
            else "<a>"
            for link in links
        ]

    return mark
