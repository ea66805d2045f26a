"""The letters about a thing: tried at once, cancelled, erased with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

from outbox.labels import label_of
from outbox.models import OutgoingEmail
from outbox.reasons import describe_state

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Model

SHOWN_LETTERS = 10


def hurry_letter(thing: Model, kind: str) -> bool:
    """Have a letter tried at once if it was not sent yet.

    Returns:
        Whether there is one: another would be one too many.
    """
    return bool(OutgoingEmail.objects.about(thing).filter(kind=kind).hurry())


def hurry_letter_to(address: str, kind: str) -> bool:
    """Have a letter to an address tried at once if it was not sent yet.

    Returns:
        Whether there is one: another would be one too many.
    """
    return bool(OutgoingEmail.objects.filter(address=address, kind=kind).hurry())


def cancel_letters(things: Model | QuerySet[Any]) -> int:
    """Cancel the letters about a thing, or several, that were not sent; return how many."""
    rows = OutgoingEmail.objects
    found = rows.about_all(things) if isinstance(things, QuerySet) else rows.about(things)
    return found.cancel()


def erase_letters(thing: Model) -> int:
    """Erase a person from the letters about them; what was not sent never is."""
    return OutgoingEmail.objects.about(thing).erase()


@dataclass(frozen=True)
class WrittenLetter:
    """A letter about somebody, as the team sees it beside them."""

    label: str
    written_at: datetime
    state: str
    detail: str


def written_letters(thing: Model) -> list[WrittenLetter]:
    """Return the latest letters about a thing, and whether they left."""
    found = OutgoingEmail.objects.about(thing).defer("html", "headers", "attachments")
    return [
        WrittenLetter(
            label_of(each.kind), each.created_at, each.get_state_display(), describe_state(each)
        )
        for each in found.order_by("-created_at", "-pk")[:SHOWN_LETTERS]
    ]


def describe_letters(thing: Model) -> list[dict[str, str]]:
    """Return the letters about a person, ready for JSON: what we keep of them."""
    return [
        {
            "kind": each.kind,
            "address": each.address,
            "state": each.state,
            "created_at": each.created_at.isoformat(),
        }
        for each in OutgoingEmail.objects.about(thing).order_by("created_at", "pk")
    ]
