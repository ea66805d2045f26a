"""The words of a thing for the search, apart from those that belong to others."""

from __future__ import annotations

from typing import Any

from taggit.models import Tag
from wagtail.search import index

from core.models import Territory, VocabularyTerm

APART = {"title", "summary", "document_text"}
"""Indexed by themselves."""


def texts_of(thing: Any) -> tuple[str, str]:
    """Return the text of the fields that are searched, and that of the rows that go with them.

    Terms, tags and territories are left out: they are indexed as they are called at that moment.
    """
    own, rows = [], []
    for field in type(thing).get_search_fields():
        if isinstance(field, index.SearchField) and field.field_name not in APART:
            own.append(_flat(field.get_value(thing)))
        elif isinstance(field, index.RelatedFields):
            rows += [
                _flat(each.get_value(row))
                for row in _related(thing, field)
                if not isinstance(row, (VocabularyTerm, Territory, Tag))
                for each in field.fields
                if isinstance(each, index.SearchField)
            ]
    return "\n".join(filter(None, own)), " ".join(filter(None, rows))


def _related(thing: Any, field: index.RelatedFields) -> list[Any]:
    value: Any = getattr(thing, field.field_name, None)
    if hasattr(value, "all"):
        return list(value.all())
    return [value] if value is not None else []


def _flat(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_flat, value))
    if isinstance(value, dict):
        return ", ".join(map(_flat, value.values()))
    return "" if value is None else str(value)
