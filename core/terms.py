"""Terms of the vocabularies in the language of the reader, whatever row a page refers to."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import CharField, Value
from django.utils.translation import get_language

from core.models import VocabularyTerm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Labels = Mapping[tuple[str, str], str]

_remembered: ContextVar[dict[str, Labels] | None] = ContextVar("remembered", default=None)


@contextmanager
def remembered_labels() -> Iterator[None]:
    """Cache the labels of each language for as long as the context lasts."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def localized_label(term: VocabularyTerm) -> str:
    """Return the label of a term in the active language, or as the row has it if it is in none."""
    return translated_label(type(term), term.slug) or term.label


def translated_label(model: type[VocabularyTerm], slug: str) -> str | None:
    """Return the label of a term in the active language, if that is not French and has one.

    Slugs are the same in every language. Costs a query, or one for all of them
    within :func:`remembered_labels`.
    """
    language = get_language() or settings.LANGUAGE_CODE
    if language == settings.LANGUAGE_CODE:
        return None
    remembered = _remembered.get()
    if remembered is None:
        return _labels(language).get((model.__name__, slug))
    if language not in remembered:
        remembered[language] = _labels(language)
    return remembered[language].get((model.__name__, slug))


def _labels(language: str) -> Labels:
    first, *others = (
        model._default_manager.filter(locale__language_code=language)
        .order_by()
        .values_list(Value(model.__name__, output_field=CharField()), "slug", "label")
        for model in VocabularyTerm.__subclasses__()
    )
    return {(name, slug): label for name, slug, label in first.union(*others, all=True)}
