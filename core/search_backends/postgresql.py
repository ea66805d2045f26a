"""PostgreSQL: the text search configurations that the search app's migrations make."""

from __future__ import annotations

from collections import defaultdict
from copy import copy
from difflib import get_close_matches
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from wagtail.models import Locale

from core.compat.postgresql import (
    IndexEntry,
    PostgresAutocompleteQueryCompiler,
    PostgresIndex,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
    PostgresSearchResults,
    get_descendants_content_types_pks,
)
from core.models.media import END_OF_TEXT
from core.search.fulltext import Stems, Words
from core.search.words import SNOWBALL, Root, accented, pattern_of
from core.search_backends.filters import AnyFilter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import Model, QuerySet
    from modelsearch.query import PlainText

MAX_FUZZY_WORDS = 6
"""How many words are compared at most with those of the index."""
MIN_SIMILARITY = 0.25
MIN_RATIO = 0.75
# Modelsearch's own Fuzzy compares the whole text of every page, which takes seconds; there are
# far fewer words than text, and the index has counted them.
CLOSEST = f"""
    WITH known AS MATERIALIZED (
        SELECT word, ndoc FROM ts_stat($$
            SELECT entry.title || entry.body
            FROM {IndexEntry._meta.db_table} AS entry
            JOIN published_item AS item ON item.id::text = entry.object_id
            JOIN django_content_type AS type ON type.id = entry.content_type_id
                AND type.app_label = 'published' AND type.model = 'item'
            JOIN wagtailcore_page AS page ON page.id = item.page_id
            WHERE page.live AND item.language = '{{language}}'
        $$)
    ),
    asked AS (
        SELECT typed.position, lexemes.lexeme
        FROM unnest(%s::text[]) WITH ORDINALITY AS typed(word, position)
        CROSS JOIN LATERAL unnest(to_tsvector(%s::regconfig, typed.word)) AS lexemes
    )
    SELECT asked.position, asked.lexeme, alike.word
    FROM asked
    LEFT JOIN LATERAL (
        SELECT word FROM known
        WHERE word = asked.lexeme
            OR length(asked.lexeme) > 3 AND left(word, 1) = left(asked.lexeme, 1)
                AND similarity(word, asked.lexeme) >= %s
        ORDER BY similarity(word, asked.lexeme) DESC, ndoc DESC
        LIMIT 20
    ) AS alike ON TRUE
    ORDER BY asked.position
"""  # noqa: S608 (the name of a table)

PASSAGE = f"""
    SELECT object_id, at, substring(text FROM greatest(at - %s, 1) FOR %s)
    FROM (
        SELECT object_id, split_part(body_text, %s, 1) AS text
        FROM {IndexEntry._meta.db_table}
        WHERE content_type_id = ANY(%s) AND object_id = ANY(%s)
    ) AS entry
    CROSS JOIN LATERAL (
        SELECT strpos(text, coalesce({{matches}})) AS at
    ) AS first
    WHERE at > 0
"""  # noqa: S608 (the name of a table)
PASSAGE_LEAD_CHARACTERS, PASSAGE_CHARACTERS = 300, 1200
"""How many characters of a passage come before the word it is for, and how many it has at most."""


def config_of(language: str) -> str:
    """Return the configuration that removes the accents and the endings of a language."""
    return f"pare_{SNOWBALL.get(language, 'simple')}"


class QueryCompiler(AnyFilter, PostgresSearchQueryCompiler):
    def build_tsquery(self, query: Any, config: str | None = None) -> Any:
        """Build the query in the language of its words, or in all if it is not known."""
        match query:
            case Stems():
                # They must not be stemmed again.
                configs = ["simple"]
            case Words():
                configs = [config_of(query.language)]
            case _:
                configs = [config_of(language) for language, _name in settings.LANGUAGES]
        readings = [self.build_tsquery_content(query, config=each) for each in configs]
        return reduce(or_, filter(None, readings)) if any(readings) else None


class AutocompleteQueryCompiler(AnyFilter, PostgresAutocompleteQueryCompiler):
    pass


class Index(PostgresIndex):
    """Indexes each row with the configuration of its language; a row without one is in French."""

    def add_items(self, model: type[Model], objs: Iterable[Any]) -> None:
        languages = dict(Locale.objects.values_list("pk", "language_code"))
        by_config = defaultdict(list)
        for obj in objs:
            own = languages.get(getattr(obj, "locale_id", None), settings.LANGUAGE_CODE)
            language = str(getattr(obj, "language", own))
            by_config[config_of(language)].append(obj)
        for config, some in by_config.items():
            index = PostgresIndex(copy(self.backend))
            index.backend.config = config
            index.add_items(model, some)


class SearchBackend(PostgresSearchBackend):
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler
    index_class = Index

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__(params)
        # Modelsearch's own, `simple`, completes « heberg » with nothing that has accents.
        self.autocomplete_config = "pare_simple"

    def ranked(self, query: PlainText, rows: QuerySet[Any], limit: int) -> list[int]:
        """Return the keys of the rows that match, best first."""
        return _keys(self.search(query, rows)[:limit])

    def completed(self, query: PlainText, rows: QuerySet[Any], limit: int) -> list[int]:
        """Return the keys of the rows with words of which the last of the query is a beginning."""
        return _keys(self.autocomplete(query, rows)[:limit])

    def closest(self, words: Sequence[str], language: str) -> list[str]:
        """Return the stems of a language's live pages that look most like those of the words.

        Returns:
            As many stems as words have any; none if they are the same, if a
            word looks like no other, or if there are too many words.
        """
        if language not in dict(settings.LANGUAGES) or not words or len(words) > MAX_FUZZY_WORDS:
            return []
        # ts_stat takes the text of a query, which has no parameters.
        query = CLOSEST.format(language=language)
        with connection.cursor() as cursor:
            cursor.execute(query, [list(words), config_of(language), MIN_SIMILARITY])
            rows = cursor.fetchall()
        asked: dict[tuple[int, str], list[str]] = {}
        for position, lexeme, alike in rows:
            asked.setdefault((position, lexeme), []).append(alike or "")
        stems = []
        for (_position, lexeme), candidates in asked.items():
            best = get_close_matches(lexeme, candidates, n=1, cutoff=MIN_RATIO)
            if not best:
                return []
            stems += best
        return stems if stems != [lexeme for _position, lexeme in asked] else []

    def passages(
        self, model: type[Model], ids: Sequence[int], roots: Sequence[Root]
    ) -> dict[int, str]:
        """Return the text of rows around the first of the words.

        The longest word is preferred, and the word itself to its other forms.
        """
        longest_first = sorted(roots, key=lambda root: -len(root.text))
        patterns = [
            rf"(?i)(?:^|\W){pattern}"
            for root in longest_first
            for pattern in (accented(root.word), pattern_of(root))
        ]
        query = PASSAGE.format(matches=", ".join(["substring(text FROM %s)"] * len(patterns)))
        types = list(get_descendants_content_types_pks(model))
        with connection.cursor() as cursor:
            cursor.execute(
                query,
                [
                    PASSAGE_LEAD_CHARACTERS,
                    PASSAGE_CHARACTERS,
                    END_OF_TEXT,
                    types,
                    list(map(str, ids)),
                    *patterns,
                ],
            )
            found = cursor.fetchall()
        data = {}
        for pk, at, text in found:
            before = "… " + text.partition(" ")[2] if at > PASSAGE_LEAD_CHARACTERS + 1 else text
            is_cut = len(text) == PASSAGE_CHARACTERS
            data[int(pk)] = before.rpartition(" ")[0] + " …" if is_cut else before
        return data


def _keys(results: PostgresSearchResults) -> list[int]:
    return list(results.get_queryset().values_list("pk", flat=True))
