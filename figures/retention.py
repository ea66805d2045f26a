"""How long figures are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from figures.models import DailyTotal, ErasedTotal, SearchedDay, SearchedWords, UnconfirmedWords

if TYPE_CHECKING:
    from datetime import date

WORDS_KEPT = timedelta(days=365)
"""What was searched, and the digests of what was searched once or twice."""
TOTALS_KEPT = timedelta(days=5 * 365)
"""How often things were read: years are compared."""


def apply_retention(today: date | None = None) -> dict[str, int]:
    """Delete what has been kept long enough; running it twice is harmless.

    Returns:
        How many rows of each were deleted.
    """
    today = today or timezone.localdate()
    oldest = today - WORDS_KEPT
    old = {
        "searches": SearchedDay.objects.filter(day__lt=oldest),
        "unconfirmed": UnconfirmedWords.objects.filter(first_day__lt=oldest),
        "words": SearchedWords.objects.filter(days=None),
        "totals": DailyTotal.objects.filter(day__lt=today - TOTALS_KEPT),
        "erased": ErasedTotal.objects.filter(day__lt=today - TOTALS_KEPT),
    }
    return {name: rows.delete()[0] for name, rows in old.items()}
