"""The parts of modelsearch's backend for PostgreSQL that ours is made from.

Its models exist where the database is PostgreSQL, and only there can this be imported.
"""

from modelsearch.backends.database.postgres.postgres import (
    IndexEntry,
    PostgresAutocompleteQueryCompiler,
    PostgresIndex,
    PostgresSearchBackend,
    PostgresSearchQueryCompiler,
    PostgresSearchResults,
)
from modelsearch.utils import get_descendants_content_types_pks

__all__ = [
    "IndexEntry",
    "PostgresAutocompleteQueryCompiler",
    "PostgresIndex",
    "PostgresSearchBackend",
    "PostgresSearchQueryCompiler",
    "PostgresSearchResults",
    "get_descendants_content_types_pks",
]
