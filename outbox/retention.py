"""How long what is left of letters is kept, and its deletion afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from outbox.models import WITHOUT_TEXTS, OutgoingEmail, OutgoingEmailQuerySet

if TYPE_CHECKING:
    from datetime import datetime

TEXTS_KEPT = timedelta(days=14)
"""The texts of a letter that was refused or given up, for the team to have it tried again."""
ADDRESSES_KEPT = timedelta(days=30)
"""To whom a letter went, and what the server answered: for who asks whether it left."""
ROWS_KEPT = timedelta(days=365)
"""Its kind, its thing, its state and its dates."""


def erase_texts(before: datetime) -> int:
    """Erase the texts of letters that ended before a moment.

    Those of a letter that left are erased when it leaves.
    """
    return _ended(before).exclude(subject="", text="", html="").update(**WITHOUT_TEXTS)


def erase_addresses(before: datetime) -> int:
    """Erase the addresses of letters that ended before a moment."""
    return _ended(before).exclude(address="").erase()


def delete_rows(before: datetime) -> int:
    """Delete letters that ended before a moment."""
    return _ended(before).delete()[0]


def _ended(before: datetime) -> OutgoingEmailQuerySet:
    ended = OutgoingEmail.objects.exclude(state__in=OutgoingEmail.OPEN)
    return ended.filter(ended_at__lt=before)
