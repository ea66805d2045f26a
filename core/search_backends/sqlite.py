"""SQLite: FTS5 takes accents away but knows no stems, so words are matched by how they begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection
from django.db.models import BigIntegerField, FloatField, Func
from django.db.models.functions import Cast
from modelsearch.query import PlainText

from core.compat.sqlite import (
    IndexEntry,
    Lexeme,
    MatchExpression,
    SearchQueryExpression,
    SQLiteAutocompleteQueryCompiler,
    SQLiteFTSIndexEntry,
    SQLiteIndex,
    SQLiteSearchBackend,
    SQLiteSearchQueryCompiler,
    get_descendants_content_types_pks,
)
from core.models.media import END_OF_TEXT
from core.search.fulltext import Words
from core.search.words import Root, root_of
from core.search_backends.filters import AnyFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model, QuerySet
    from django.db.models.sql.compiler import SQLCompiler

FTS = SQLiteFTSIndexEntry._meta.db_table
PASSAGE = f"""
    SELECT entry.object_id, snippet({FTS}, 1, '', '', '…', 60)
    FROM {FTS}
    JOIN {IndexEntry._meta.db_table} AS entry ON entry.id = {FTS}.rowid
    WHERE {FTS} MATCH %s AND entry.content_type_id IN ({{}}) AND entry.object_id IN ({{}})
"""  # noqa: S608 (the names of tables)


def match_of(root: Root) -> str:
    """Return the FTS5 expression of the words with a root."""
    return f'("{root.text}" OR "{root.text}s")' if root.is_whole else f'"{root.text}"*'


class Forms(Lexeme):
    """A word of a language in any of its forms."""

    def __init__(self, word: str, language: str) -> None:
        super().__init__(word)
        self.language = language

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, list[str]]:
        return "%s", [match_of(root_of(self.value, self.language))]


class Relevance(Func):
    """BM25, of which the smallest is the best: titles weigh ten times as much as the rest."""

    # Its weights are in the order of the columns: completion, body, title.
    template = f"bm25({FTS}, 0.0, 1.0, 10.0)"
    output_field = FloatField()


class QueryCompiler(AnyFilter, SQLiteSearchQueryCompiler):
    def build_search_query_content(self, query: Any, config: Any = None) -> Any:
        words = query.query_string.split() if isinstance(query, PlainText) else []
        if not words:
            return super().build_search_query_content(query, config)
        language = query.language if isinstance(query, Words) else settings.LANGUAGE_CODE
        first, *others = (Forms(word, language) for word in words)
        for word in others:
            first = first & word if query.operator == "and" else first | word
        return SearchQueryExpression(first, config=config)

    def _build_rank_expression(self, *args: Any, **kwargs: Any) -> Relevance:
        return Relevance()


class AutocompleteQueryCompiler(AnyFilter, SQLiteAutocompleteQueryCompiler):
    pass


class Index(SQLiteIndex):
    """Indexes rows without a weight of their titles, which :class:`Relevance` does not read.

    It is made from the average of all titles, so that saving one row took as long as there are
    rows.
    """

    def _refresh_title_norms(self, full: bool = False) -> None:
        pass


class SearchBackend(SQLiteSearchBackend):
    index_class = Index
    query_compiler_class = QueryCompiler
    autocomplete_query_compiler_class = AutocompleteQueryCompiler

    def ranked(self, query: PlainText, rows: QuerySet[Any], limit: int) -> list[int]:
        """Return the keys of the rows that match, best first."""
        return self._ranked(self.query_compiler_class(rows, query), limit)

    def completed(self, query: PlainText, rows: QuerySet[Any], limit: int) -> list[int]:
        """Return the keys of the rows with words of which the last of the query is a beginning."""
        return self._ranked(self.autocomplete_query_compiler_class(rows, query), limit)

    def _ranked(self, compiler: SQLiteSearchQueryCompiler, limit: int) -> list[int]:
        # Modelsearch's own query matches everything again for each row that it orders.
        matches = MatchExpression(
            compiler.FTS_TABLE_FIELDS, compiler.build_search_query(compiler.query)
        )
        rows = compiler.queryset
        return list(
            SQLiteFTSIndexEntry.objects.filter(
                matches,
                index_entry__content_type__in=get_descendants_content_types_pks(rows.model),
            )
            .annotate(key=Cast("index_entry__object_id", BigIntegerField()), score=Relevance())
            .filter(key__in=rows.order_by().values("pk"))
            .order_by("score", "-key")
            .values_list("key", flat=True)[:limit]
        )

    def closest(self, words: Sequence[str], language: str) -> list[str]:
        """Return no stems: SQLite has no trigrams to correct typing mistakes with."""
        return []

    def passages(
        self, model: type[Model], ids: Sequence[int], roots: Sequence[Root]
    ) -> dict[int, str]:
        """Return the text of rows where most of the words are."""
        types = get_descendants_content_types_pks(model)
        marks = [", ".join(["%s"] * len(values)) for values in (types, ids)]
        with connection.cursor() as cursor:
            cursor.execute(
                PASSAGE.format(*marks),
                [f"body : ({' OR '.join(map(match_of, roots))})", *types, *map(str, ids)],
            )
            return {int(pk): text.partition(END_OF_TEXT)[0] for pk, text in cursor.fetchall()}
