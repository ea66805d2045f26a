"""The search index in the database, as modelsearch keeps it, made to know languages.

It is Wagtail's search backend, so the admin's search finds the same. Each engine is imported
only where it is the database's, since the models of its index exist nowhere else.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.db import connection

if TYPE_CHECKING:
    from modelsearch.backends.base import BaseSearchBackend


def SearchBackend(params: dict[str, Any]) -> BaseSearchBackend:
    """Return the backend for the database's engine (a class by the convention of modelsearch)."""
    engine = import_module(f"core.search_backends.{connection.vendor}")
    backend: BaseSearchBackend = engine.SearchBackend(params)
    return backend
