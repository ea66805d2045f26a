"""Signed links in e-mails: one salt for each purpose, and an end."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.core import signing

if TYPE_CHECKING:
    from events.models import Registration


class Purpose(StrEnum):
    """What a link lets its bearer do; a link for one is worth nothing for another."""

    CONFIRM = "confirm"
    TAKE_PART = "take-part"
    CANCEL = "cancel"
    CERTIFICATE = "certificate"


AGES = {
    Purpose.CONFIRM: timedelta(hours=48),
    Purpose.TAKE_PART: timedelta(days=400),
    Purpose.CANCEL: timedelta(days=400),
    Purpose.CERTIFICATE: timedelta(days=400),
}


class BadToken(Exception):
    """The link is not ours, is cut, is for something else, or has come to its end."""


def make_token(purpose: Purpose, registration: Registration) -> str:
    """Return what stands for a registration in a link."""
    return signing.dumps(registration.uuid.hex, salt=f"events.{purpose}")


def read_token(purpose: Purpose, token: str) -> UUID:
    """Return the identifier of the registration that a link stands for.

    Raises:
        BadToken: it can't be trusted any more, or never could.
    """
    try:
        return UUID(signing.loads(token, salt=f"events.{purpose}", max_age=AGES[purpose]))
    except (signing.BadSignature, ValueError) as error:
        raise BadToken from error
