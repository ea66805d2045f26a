"""Signed links in e-mails: one salt for each purpose, and an end.

A link that unsubscribes works for years: people find old letters, and RFC 8058
asks that it works for as long as a mailbox shows it.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.core import signing
from django.urls import reverse
from django.utils.translation import override

from core.links import absolute, mail_origin

if TYPE_CHECKING:
    from newsletter.models import Subscriber


class Purpose(StrEnum):
    """What a link lets its bearer do, as its route is called."""

    CONFIRM = "confirm"
    PREFERENCES = "preferences"
    UNSUBSCRIBE = "unsubscribe"


AGES = {
    Purpose.CONFIRM: timedelta(days=30),
    Purpose.PREFERENCES: timedelta(days=400),
    Purpose.UNSUBSCRIBE: timedelta(days=10 * 365),
}


class BadToken(Exception):
    """The link is not ours, is cut, is for something else, or has come to its end."""


def make_token(purpose: Purpose, subscriber: Subscriber) -> str:
    """Return what stands for a subscriber in a link."""
    return signing.dumps(subscriber.uuid.hex, salt=f"newsletter.{purpose}")


def read_token(purpose: Purpose, token: str) -> UUID:
    """Return the identifier of the subscriber that a link stands for.

    Raises:
        BadToken: it can't be trusted any more, or never could.
    """
    try:
        return UUID(signing.loads(token, salt=f"newsletter.{purpose}", max_age=AGES[purpose]))
    except (signing.BadSignature, ValueError) as error:
        raise BadToken from error


def link_to(purpose: Purpose, subscriber: Subscriber, origin: str = "") -> str:
    """Return the absolute address of a page for one subscriber, in their language."""
    with override(subscriber.language):
        path = reverse(f"newsletter:{purpose}", args=[make_token(purpose, subscriber)])
    return absolute(path, mail_origin(origin))
