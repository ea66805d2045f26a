"""Full-text search, the same whatever the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from wagtail.search.backends import get_search_backend
from wagtail.search.query import PlainText

from core.search.words import Root, root_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

MAX_RESULTS = 1000
"""How many matches are ranked at most: nobody reads further, and memory stays bounded."""


class Words(PlainText):
    """Words of one language, all of which are asked for.

    A query that is no such thing, as those of the admin are, may be in any language.
    """

    def __init__(self, words: Iterable[str], language: str) -> None:
        super().__init__(" ".join(words), operator="and")
        self.language = language


class Stems(Words):
    """Words that the engine has already taken the endings from."""


class Found(NamedTuple):
    """What a search found.

    Attributes:
        ids: keys of the rows, best first.
        roots: how the words that were looked for begin.
        is_fuzzy: whether words that look like those typed were taken instead.
    """

    ids: list[int]
    roots: list[Root]
    is_fuzzy: bool = False


def find(rows: QuerySet[Any], query: str, languages: Sequence[str]) -> Found:
    """Find the rows that have all of the words, at most :data:`MAX_RESULTS` in each language.

    Words lose their endings as in the language of the row. Where nothing has
    them all, PostgreSQL takes for each unknown word the one most like it
    (trigrams, accents and endings apart) among those of the live pages of
    the language, so that a typing mistake does not end the search.

    Args:
        rows: an indexed model's queryset, with a column ``language``, and any filters.
        query: as typed; operators mean nothing.
        languages: which rows to look among (BCP 47), those of the first coming first.
    """
    found = [_exactly(rows, query, language) for language in languages]
    if not any(each.ids for each in found):
        found = [_about(rows, query, language) for language in languages]
    return Found(
        [pk for each in found for pk in each.ids],
        [root for each in found for root in each.roots],
        any(each.is_fuzzy for each in found),
    )


def ranked_ids(rows: QuerySet[Any], query: str, languages: Sequence[str]) -> list[int]:
    """Return the keys of the rows that match, as :func:`find` does."""
    return find(rows, query, languages).ids


def _exactly(rows: QuerySet[Any], query: str, language: str) -> Found:
    words = words_of(query, language)
    ids = _ids(rows, Words(words, language)) if words else []
    return Found(ids, [root_of(word, language) for word in words])


def _about(rows: QuerySet[Any], query: str, language: str) -> Found:
    stems = get_search_backend().closest(words_of(query, language), language)
    ids = _ids(rows, Stems(stems, language)) if stems else []
    roots = [Root(stem, stem, stem, language=language) for stem in stems]
    return Found(ids, roots, is_fuzzy=bool(ids))


def complete(rows: QuerySet[Any], words: Sequence[str], limit: int) -> list[int]:
    """Return the keys of the rows whose titles have the words, the last of them begun."""
    query = PlainText(" ".join(words), operator="and")
    return list(get_search_backend().completed(query, rows, limit))


def _ids(rows: QuerySet[Any], query: Words) -> list[int]:
    rows = rows.filter(language=query.language)
    return list(get_search_backend().ranked(query, rows, MAX_RESULTS))
