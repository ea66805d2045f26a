"""Rows of translatable models, in the language that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from wagtail.models import TranslatableMixin

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

T = TypeVar("T", bound=TranslatableMixin)


def prefer_locale(rows: Iterable[T], locale: str) -> list[T]:
    """Return one version of each translatable row, that of *locale* where there is one.

    So nothing disappears for want of a translation.

    Args:
        rows: of the language and of those that stand in for it, in their order, with their
            locales.
        locale: the language (BCP 47).
    """
    chosen: dict[UUID, T] = {}
    for row in rows:
        if row.locale.language_code == locale or row.translation_key not in chosen:
            chosen[row.translation_key] = row
    return list(chosen.values())
