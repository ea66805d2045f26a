"""The parts of modelsearch's backend for SQLite that ours is made from.

Its models exist where the database is SQLite, and only there can this be imported.
"""

from modelsearch.backends.database.sqlite.query import (
    Lexeme,
    MatchExpression,
    SearchQueryExpression,
)
from modelsearch.backends.database.sqlite.sqlite import (
    IndexEntry,
    SQLiteAutocompleteQueryCompiler,
    SQLiteFTSIndexEntry,
    SQLiteIndex,
    SQLiteSearchBackend,
    SQLiteSearchQueryCompiler,
)
from modelsearch.utils import get_descendants_content_types_pks

__all__ = [
    "IndexEntry",
    "Lexeme",
    "MatchExpression",
    "SQLiteAutocompleteQueryCompiler",
    "SQLiteFTSIndexEntry",
    "SQLiteIndex",
    "SQLiteSearchBackend",
    "SQLiteSearchQueryCompiler",
    "SearchQueryExpression",
    "get_descendants_content_types_pks",
]
