"""Work that waits for one person, which somebody who leaves hands over to another."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from django.db.models import QuerySet

    from core.models import User


class Work(NamedTuple):
    """Things of one kind that wait for a person.

    Attributes:
        label: what they are, in the plural.
        rows: those of a person that are not done.
        assign: gives one to another person, or to nobody, as the act of a third.
    """

    label: Any
    rows: Callable[[User], QuerySet[Any]]
    assign: Callable[[Any, User | None, User], object]


_kinds: list[Work] = []


def register_work(work: Work) -> None:
    """Register things that wait for one person."""
    _kinds.append(work)


def describe_work(user: User) -> list[tuple[str, int]]:
    """Return what waits for a person, and how much of each kind."""
    counted = [(str(kind.label), kind.rows(user).count()) for kind in _kinds]
    return [each for each in counted if each[1]]


def hand_over(user: User, successor: User | None, by: User) -> int:
    """Give the work of a person to another, or to nobody, and return how much."""
    count = 0
    for kind in _kinds:
        for row in kind.rows(user):
            kind.assign(row, successor, by)
            count += 1
    return count
