"""Who acts: kept beside the code that runs, since Wagtail's signals carry no user.

Nobody is nobody: code that finds no actor must never take it for a yes.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core.models import User


@dataclass(frozen=True)
class Actor:
    """A user, or the reason for which the program acts by itself."""

    user: User | None = None
    system: str = ""

    def __post_init__(self) -> None:
        if (self.user is None) == (not self.system):
            raise ValueError("An actor is a user or the reason of a system act, one of the two.")


_current: ContextVar[Actor | None] = ContextVar("review_actor", default=None)


def current_actor() -> Actor | None:
    """Return who acts now, or ``None`` if nobody is known to."""
    return _current.get()


@contextmanager
def acting(*, user: User | None = None, system: str = "") -> Iterator[Actor]:
    """Record who acts, until the block ends.

    Args:
        user: who does it.
        system: why the program does it by itself (``"upgrade"``), when no user does.

    Raises:
        ValueError: both are given, or none.
    """
    actor = Actor(user, system)
    token = _current.set(actor)
    try:
        yield actor
    finally:
        _current.reset(token)
