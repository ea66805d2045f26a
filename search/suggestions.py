"""Suggestions for someone who is typing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import override

from core.search.fulltext import complete
from core.search.words import fold, typed_words
from core.web.links import build_absolute_url
from published.facets import audience_facet, theme_facet
from published.listings import count_facets
from published.models import Item
from published.queries import page_items
from search.listings import page_kinds
from search.schemas import Suggestion, Suggestions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.models import QuerySet

MAX_SUGGESTIONS = 8
MAX_TERMS = 3
MIN_LETTERS = 2
"""How many letters it takes to be worth an answer."""
MAX_RANKED_TITLES = 40
"""Among how many titles the best are chosen."""


def get_suggestions(q: str, locale: str, origin: str) -> Suggestions:
    """Return the terms and the titles of visible pages whose words begin as those of *q*.

    All words must be there, each of them the beginning of a word. Three queries.
    """
    words = [fold(word) for word in typed_words(q)]
    if sum(map(len, words)) < MIN_LETTERS:
        return Suggestions(q=q, items=[])
    pages = page_items().filter(language=locale)
    with override(locale):
        terms = sorted(_terms(pages, words, origin), key=lambda term: _rank(term.title, words))
    return Suggestions(
        q=q, items=(terms[:MAX_TERMS] + _titles(pages, words, origin))[:MAX_SUGGESTIONS]
    )


def _terms(pages: QuerySet[Item], words: Sequence[str], origin: str) -> Iterator[Suggestion]:
    for facet in count_facets(pages, [theme_facet(), audience_facet()], {}):
        for value in facet.values:
            if _has(value.label, words):
                query = urlencode({"q": value.label, facet.name: value.value})
                path = f"{reverse('search')}?{query}"
                yield Suggestion(
                    title=value.label,
                    kind=facet.name,
                    kind_label=facet.label,
                    path=path,
                    html_url=build_absolute_url(path, origin),
                )


def _titles(pages: QuerySet[Item], words: Sequence[str], origin: str) -> list[Suggestion]:
    found = Item.objects.filter(pk__in=complete(pages, words, MAX_RANKED_TITLES))
    rows = found.values_list("title", "kind", "path")
    known = page_kinds()
    return [
        Suggestion(
            title=title,
            kind=kind,
            kind_label=capfirst(str(known[kind]._meta.verbose_name)),
            path=path,
            html_url=build_absolute_url(path, origin),
        )
        for title, kind, path in sorted(rows, key=lambda row: _rank(row[0], words))
    ]


def _has(title: str, words: Sequence[str]) -> bool:
    """Return whether each word is the beginning of a word of the title."""
    own = [fold(word) for word in typed_words(title)]
    return all(any(each.startswith(word) for each in own) for word in words)


def _rank(title: str, words: Sequence[str]) -> tuple[bool, int]:
    """Return a sort key: titles that begin as was typed first, then the shortest."""
    return not fold(title).startswith(words[0]), len(title)
