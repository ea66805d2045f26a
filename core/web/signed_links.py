"""Signed links: each for one purpose, with a salt and an age of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import unquote
from uuid import UUID

from django.core import signing
from django.urls import reverse

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

Value = TypeVar("Value")


class BadToken(Exception):
    """The token is not ours, is cut, is for something else, was revoked, or has expired."""


@dataclass(frozen=True)
class LinkPurpose(Generic[Value]):
    """What a signed link lets its bearer do, and what it carries.

    Links that were sent hold the salt and the form of what they carry: neither may change.

    Args:
        route: name of the address that takes the token.
        salt: makes a token for one purpose worth nothing for another.
        max_age: after which a token is refused.
        encode: turns a value into what JSON holds.
        decode: the reverse; raises ValueError or TypeError where it can't.
    """

    route: str
    salt: str
    max_age: timedelta
    encode: Callable[[Value], Any]
    decode: Callable[[Any], Value]


def uuid_purpose(route: str, salt: str, max_age: timedelta) -> LinkPurpose[UUID]:
    """Return a purpose whose links carry the UUID of a row."""
    return LinkPurpose(
        route, salt, max_age, encode=lambda uuid: uuid.hex, decode=lambda value: UUID(str(value))
    )


def make_token(purpose: LinkPurpose[Value], value: Value) -> str:
    """Return a signed, dated token that carries a value."""
    return signing.dumps(purpose.encode(value), salt=purpose.salt)


def read_token(purpose: LinkPurpose[Value], token: str) -> Value:
    """Return the value that a token carries.

    Raises:
        BadToken: its signature, its age or what it carries is wrong.
    """
    try:
        return purpose.decode(signing.loads(token, salt=purpose.salt, max_age=purpose.max_age))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadToken from error


def signed_path(purpose: LinkPurpose[Value], value: Value) -> str:
    """Return the path of a link that carries a value, in the active language."""
    return reverse(purpose.route, args=[make_token(purpose, value)])


def shown_path(purpose: LinkPurpose[Any]) -> str:
    """Return the path of a link as it may be shown to others than its bearer: without a token."""
    return unquote(reverse(purpose.route, args=["…"]))
