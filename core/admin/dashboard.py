"""The dashboard: what waits for the person who reads it, each line one click from the act."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wagtail.admin.ui.components import Component

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.models import User

    Source = Callable[[User], "Block | None"]

SHOWN_LINES = 8


@dataclass(frozen=True)
class Line:
    """Something to do.

    Attributes:
        title: what it is about.
        url: the path at which it is done.
        detail: what helps to choose, in a few words.
        aside: a measure: since when, how many.
        is_late: whether it has waited too long.
    """

    title: str
    url: str
    detail: str = ""
    aside: str = ""
    is_late: bool = False


@dataclass(frozen=True)
class Block:
    """Things to do of one kind.

    Attributes:
        name: of the block, in an address.
        heading: what they are.
        lines: the first of them.
        total: how many there are.
        url: the path at which all are listed, or nothing.
        note: a sentence below the heading.
        is_folded: whether they are read on demand.
    """

    name: str
    heading: str
    icon: str
    lines: Sequence[Line]
    total: int = 0
    url: str = ""
    note: str = ""
    is_folded: bool = False
    shown: Sequence[Line] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "shown", self.lines[:SHOWN_LINES])

    @property
    def count(self) -> int:
        return max(self.total, len(self.lines))

    @property
    def more(self) -> int:
        return self.count - len(self.shown)


_sources: list[tuple[int, Source]] = []


def register_block(order: int) -> Callable[[Source], Source]:
    """Register a function that returns a block for a user, or nothing to show them."""

    def register(source: Source) -> Source:
        _sources.append((order, source))
        return source

    return register


def blocks_for(user: User) -> list[Block]:
    """Return the blocks of a user that are not empty, in their order."""
    found = (source(user) for _order, source in sorted(_sources, key=lambda each: each[0]))
    return [block for block in found if block is not None and block.lines]


class Dashboard(Component):
    """« Qu'est-ce qui m'attend ? »."""

    order = 90
    template_name = "core/admin/dashboard.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return {"blocks": blocks_for(parent_context["request"].user)}
