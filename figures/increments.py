"""Adding to totals that several processes write at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import Model


def increment(
    model: type[Model],
    key: Sequence[str],
    additions: Mapping[tuple[Any, ...], Mapping[str, int]],
) -> None:
    """Add to the rows of a model, making those that are missing.

    Always in the same order, so that two processes wait for each other and never both.

    Args:
        model: its columns start at zero.
        key: the names of what makes a row unique.
        additions: by the values of the key, what to add to which columns.
    """
    rows = sorted(additions.items())
    model._default_manager.bulk_create(
        [model(**dict(zip(key, values, strict=True))) for values, _added in rows],
        ignore_conflicts=True,
    )
    for values, added in rows:
        found = model._default_manager.filter(**dict(zip(key, values, strict=True)))
        found.update(**{name: F(name) + number for name, number in added.items() if number})
