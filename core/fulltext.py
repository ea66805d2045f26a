"""Full-text search over pages, the same whatever the engine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db import connection
from wagtail.search.backends import get_search_backend
from wagtail.search.query import Fuzzy, PlainText

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from modelsearch.query import SearchQuery

MOST = 1000
"""How many matches are ranked at most: nobody reads further, and memory stays bounded."""

APOSTROPHES = re.compile(r"[’'ʼ`´]")
WORD = re.compile(r"[\w][\w.+-]*", re.UNICODE)


def words_of(query: str) -> str:
    """Return the words of a typed query, without the operators an engine would read in it."""
    words = WORD.findall(APOSTROPHES.sub(" ", query))
    return " ".join(word for word in words if len(word) > 1 or word.isdigit())


def ranked_ids(rows: QuerySet[Any], query: str) -> list[int]:
    """Return the keys of the rows that match, best first, at most :data:`MOST`.

    All words are asked for. Where nothing has them all, PostgreSQL looks for
    words that are alike (trigrams, accents apart), so that a typing mistake
    does not end the search.

    Args:
        rows: an indexed model's queryset; its filters must be ``FilterField``s.
        query: as typed.
    """
    words = words_of(query)
    if not words:
        return []
    found = _ids(rows, PlainText(words, operator="and"))
    if not found and connection.vendor == "postgresql":
        found = _ids(rows, Fuzzy(words, unaccent=True))
    return found


def _ids(rows: QuerySet[Any], query: SearchQuery) -> list[int]:
    results = get_search_backend().search(query, rows)[:MOST]
    if hasattr(results, "get_queryset"):
        return list(results.get_queryset().values_list("pk", flat=True))
    return [row.pk for row in results]
