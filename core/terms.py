"""Terms and territories in the language of the reader, whatever row a content refers to."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Cast
from django.utils.translation import get_language
from taggit.models import Tag

from core.models import Territory, VocabularyTerm
from core.replicas import connection_for_read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

TERRITORY = Territory.__name__
TAG = Tag.__name__


class TermEntry(NamedTuple):
    """A term as its row has it, by the side of those with which it is sorted."""

    model: str
    pk: int
    slug: str
    label: str
    language: str
    sort_order: int


class TerritoryEntry(NamedTuple):
    """A region or a department."""

    pk: int
    code: str
    name: str
    kind: str
    region_id: int | None


@dataclass
class Vocabulary:
    """Every term of the vocabularies in every language, every tag, and every territory."""

    terms: dict[tuple[str, int], TermEntry] = field(default_factory=dict)
    territories: dict[int, TerritoryEntry] = field(default_factory=dict)
    labels: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def label(self, model: str, slug: str, language: str = "") -> str | None:
        """Return the label of a term in a language, by default the active one, or in French."""
        asked = language or get_language() or settings.LANGUAGE_CODE
        return self.labels.get((model, slug, asked)) or self.labels.get(
            (model, slug, settings.LANGUAGE_CODE)
        )

    def names(self, kind: str, pk: int, language: str) -> list[str]:
        """Return what a reference's target is called in a language, for the search.

        Labels were searched in French, whatever the language; both are found.
        """
        if kind == TERRITORY.lower():
            territory = self.territories.get(pk)
            return [territory.name] if territory else []
        entry = self.terms.get((kind, pk))
        if entry is None:
            return []
        label = self.label(entry.model, entry.slug, language) or entry.label
        return list(dict.fromkeys([entry.label, label]))

    def sorted_terms(self, model: str, pks: Iterable[int]) -> list[TermEntry]:
        """Return the terms with these keys that still exist, in their order."""
        found = [entry for pk in pks if (entry := self.terms.get((model, pk)))]
        return sorted(found, key=lambda entry: (entry.sort_order, entry.label, entry.pk))

    def sorted_territories(self, pks: Iterable[int]) -> list[TerritoryEntry]:
        """Return the territories with these keys, regions first, then by name."""
        found = [entry for pk in pks if (entry := self.territories.get(pk))]
        return sorted(found, key=lambda entry: (entry.kind == "department", entry.name))


_remembered: ContextVar[list[Vocabulary] | None] = ContextVar("remembered", default=None)


@contextmanager
def remembered_labels() -> Iterator[None]:
    """Cache the vocabularies for as long as the context lasts."""
    token = _remembered.set([])
    try:
        yield
    finally:
        _remembered.reset(token)


def get_vocabulary() -> Vocabulary:
    """Return the vocabularies: one query, or one for all within :func:`remembered_labels`."""
    remembered = _remembered.get()
    if remembered is None:
        return _read()
    if not remembered:
        remembered.append(_read())
    return remembered[0]


def localized_label(term: VocabularyTerm) -> str:
    """Return the label of a term in the active language, or as the row has it if it is in none."""
    return translated_label(type(term), term.slug) or term.label


def translated_label(model: type[VocabularyTerm], slug: str) -> str | None:
    """Return the label of a term in the active language, if that is not French and has one.

    Slugs are the same in every language.
    """
    language = get_language() or settings.LANGUAGE_CODE
    if language == settings.LANGUAGE_CODE:
        return None
    return get_vocabulary().labels.get((model.__name__, slug, language))


def _read() -> Vocabulary:
    found = Vocabulary()
    with connection_for_read(Territory).cursor() as cursor:
        sql, params = _query()
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    for model, pk, slug, label, language, number in rows:
        if model == TERRITORY:
            found.territories[pk] = TerritoryEntry(pk, slug, label, language, number)
        else:
            entry = TermEntry(model, pk, slug, label, language, number)
            found.terms[model, pk] = found.terms[model.lower(), pk] = entry
            found.labels[model, slug, language] = label
    return found


_compiled: dict[str, tuple[str, tuple[Any, ...]]] = {}


def _query() -> tuple[str, tuple[Any, ...]]:
    # Compiled once: a query of six tables takes Django longer to write than to run.
    if connection.vendor not in _compiled:
        first, *others = (
            model._default_manager.order_by()
            .annotate(model_name=Value(model.__name__, output_field=CharField()))
            .values_list(
                "model_name",
                "pk",
                "slug",
                "label",
                "locale__language_code",
                Cast("sort_order", IntegerField()),
            )
            for model in VocabularyTerm.__subclasses__()
        )
        territories = (
            Territory.objects.order_by()
            .annotate(model_name=Value(TERRITORY, output_field=CharField()))
            .values_list(
                "model_name", "pk", "code", "name", "kind", Cast(F("region_id"), IntegerField())
            )
        )
        tags = (
            Tag.objects.order_by()
            .annotate(
                model_name=Value(TAG, output_field=CharField()),
                language=Value(settings.LANGUAGE_CODE, output_field=CharField()),
                number=Value(0, output_field=IntegerField()),
            )
            .values_list("model_name", "pk", "slug", "name", "language", "number")
        )
        _compiled[connection.vendor] = first.union(
            *others, territories, tags, all=True
        ).query.sql_with_params()
    return _compiled[connection.vendor]
