"""Which pages of text the public may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from published.queries import in_language, items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from published.models import Item

KINDS = ("home", "standard", "campaign", "team")


def published_pages(
    locale: str, fallback: bool = False, kinds: Sequence[str] = ()
) -> QuerySet[Item]:
    """Return the items of pages of text in a language, in the order of the tree.

    Args:
        locale: the language (BCP 47).
        fallback: whether French may stand in for what has no translation.
        kinds: those to keep; all if there is none.
    """
    rows = items(*(kinds or KINDS))
    return in_language(rows, locale, fallback).order_by("page__path")
