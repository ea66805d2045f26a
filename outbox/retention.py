"""How long what is left of letters is kept, and its deletion afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from outbox.models import WITHOUT_TEXTS, OutgoingEmail

if TYPE_CHECKING:
    from datetime import datetime

TEXTS_KEPT = timedelta(days=14)
"""The texts of a letter that was refused or given up, for the team to have it tried again."""
ADDRESSES_KEPT = timedelta(days=30)
"""To whom a letter went, and what the server answered: for who asks whether it left."""
ROWS_KEPT = timedelta(days=365)
"""Its kind, its thing, its state and its dates."""


@transaction.atomic
def apply_retention(now: datetime | None = None) -> dict[str, int]:
    """Erase what has been kept long enough; running it twice is harmless.

    The texts of a letter that left are erased when it leaves.

    Returns:
        How many letters lost their texts, how many their address, and how many were deleted.
    """
    now = now or timezone.now()
    ended = OutgoingEmail.objects.exclude(state__in=OutgoingEmail.OPEN)
    texts = ended.filter(ended_at__lt=now - TEXTS_KEPT).exclude(subject="", text="", html="")
    addresses = ended.filter(ended_at__lt=now - ADDRESSES_KEPT).exclude(address="")
    return {
        "texts": texts.update(**WITHOUT_TEXTS),
        "addresses": addresses.erase(),
        "rows": ended.filter(ended_at__lt=now - ROWS_KEPT).delete()[0],
    }
