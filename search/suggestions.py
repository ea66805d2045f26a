"""Suggestions for someone who is typing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import override
from wagtail.models import Page

from core.listings import count_facets
from core.queries import visible
from core.search.fulltext import complete
from core.search.words import fold, typed_words
from core.web.links import build_absolute_url, page_path
from search.listings import page_types_by_kind, search_facets
from search.schemas import Suggestion, Suggestions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wagtail.query import PageQuerySet

MAX_SUGGESTIONS = 8
MAX_TERMS = 3
MIN_LETTERS = 2
"""How many letters it takes to be worth an answer."""
MAX_RANKED_TITLES = 40
"""Among how many titles the best are chosen."""
VOCABULARIES = ("theme", "audience")


def get_suggestions(q: str, locale: str, origin: str) -> Suggestions:
    """Return the terms and the titles of visible pages whose words begin as those of *q*.

    All words must be there, each of them the beginning of a word. Three queries.
    """
    words = [fold(word) for word in typed_words(q)]
    if sum(map(len, words)) < MIN_LETTERS:
        return Suggestions(q=q, items=[])
    pages = visible(Page.objects.filter(locale__language_code=locale))
    with override(locale):
        terms = sorted(_terms(pages, words, origin), key=lambda term: _rank(term.title, words))
    return Suggestions(
        q=q, items=(terms[:MAX_TERMS] + _titles(pages, words, origin))[:MAX_SUGGESTIONS]
    )


def _terms(pages: PageQuerySet[Page], words: Sequence[str], origin: str) -> Iterator[Suggestion]:
    vocabularies = [
        facet_filter for facet_filter in search_facets() if facet_filter.name in VOCABULARIES
    ]
    for facet in count_facets(pages, vocabularies, {}):
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


def _titles(pages: PageQuerySet[Page], words: Sequence[str], origin: str) -> list[Suggestion]:
    found = Page.objects.select_related("locale").filter(
        pk__in=complete(pages, words, MAX_RANKED_TITLES)
    )
    names = {model: name for name, model in page_types_by_kind().items()}
    suggestions = []
    for page in sorted(found, key=lambda page: _rank(page.title, words)):
        model = page.specific_class
        if model in names:
            path = page_path(page)
            suggestions.append(
                Suggestion(
                    title=page.title,
                    kind=names[model],
                    kind_label=capfirst(str(model._meta.verbose_name)),
                    path=path,
                    html_url=build_absolute_url(path, origin),
                )
            )
    return suggestions


def _has(title: str, words: Sequence[str]) -> bool:
    """Return whether each word is the beginning of a word of the title."""
    own = [fold(word) for word in typed_words(title)]
    return all(any(each.startswith(word) for each in own) for word in words)


def _rank(title: str, words: Sequence[str]) -> tuple[bool, int]:
    """Return a sort key: titles that begin as was typed first, then the shortest."""
    return not fold(title).startswith(words[0]), len(title)
