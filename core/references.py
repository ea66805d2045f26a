"""References: where admitted words are about something else, which is looked up on reading.

A thing's words hold a :class:`Ref` wherever they would repeat what belongs to another (a picture,
a term, the title and address of a page) or what the clock and the reader's language change (the
label of a day). So they never grow stale, and show by themselves what they refer to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import singledispatch
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.functional import Promise
from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Mapping

MARK = "@"
"""The key by which a reference is told from the words around it, in JSON."""

Key = tuple[Any, ...]
"""What a reference is to: whole numbers, text, and tuples of them."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A value to look up on reading.

    Attributes:
        kind: how it is looked up (:mod:`published.resolvers`).
        key: what it is.
        is_required: whether what holds it goes too when there is nothing to show, as a button
            without the page that it leads to.
    """

    kind: str
    key: Key
    is_required: bool = False


@singledispatch
def to_words(value: Any) -> Any:
    """Return values, or a schema instance made without validation, as JSON: references marked."""
    return value


@to_words.register
def _(value: Ref) -> dict[str, Any]:
    words = {MARK: value.kind, "key": to_words(value.key)}
    return words | {"required": True} if value.is_required else words


@to_words.register
def _(value: BaseModel) -> dict[str, Any]:
    return {name: to_words(each) for name, each in vars(value).items()}


@to_words.register
def _(value: dict) -> dict[str, Any]:  # type: ignore[type-arg]
    return {str(name): to_words(each) for name, each in value.items()}


@to_words.register(list)
@to_words.register(tuple)
def _(value: Iterable[Any]) -> list[Any]:
    return [to_words(each) for each in value]


@to_words.register
def _(value: date) -> str:
    return value.isoformat()


# Not a lazy text, a decimal, a UUID nor the member of an enumeration.
@to_words.register(str)
@to_words.register(Decimal)
@to_words.register(UUID)
@to_words.register(Promise)
def _(value: object) -> str:
    return str(value)


def is_reference(words: Any) -> bool:
    """Return whether words are a reference."""
    return isinstance(words, dict) and MARK in words


def reference_of(words: Mapping[str, Any]) -> Ref:
    """Return the reference that its words stand for."""
    return Ref(words[MARK], _frozen(words["key"]), words.get("required", False))


def references_in(words: Any) -> list[Ref]:
    """Return every reference in words, those inside the keys of others included."""
    found = []
    # No recursion: exports look through a hundred thousand words.
    pending = [words]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            if MARK in each:
                found.append(reference_of(each))
                each = each["key"]
            else:
                each = each.values()
        elif not isinstance(each, list):
            continue
        pending += [part for part in each if isinstance(part, (dict, list))]
    return found


def _frozen(key: Any) -> Any:
    if isinstance(key, dict):
        return reference_of(key)
    if isinstance(key, list):
        return tuple([_frozen(each) if isinstance(each, (dict, list)) else each for each in key])
    return key
