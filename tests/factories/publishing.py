"""Publishing as the program does by itself; tests of who may publish log people in."""

from __future__ import annotations

from typing import Any, TypeVar

from published.admission import admit as admit_as
from review.actors import Actor, acting

SYSTEM = "demonstration"

T = TypeVar("T")


def publish(thing: Any) -> None:
    """Publish a page or a snippet as it is in memory."""
    with acting(system=SYSTEM):
        thing.save_revision().publish()


def admit(thing: T) -> T:
    """Admit what is live already, as it is in memory."""
    admit_as(thing, Actor(system=SYSTEM))
    return thing
