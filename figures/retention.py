"""How long figures are kept."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.timezone import localdate

from figures.models import DailyTotal, ErasedTotal, SearchedDay, SearchedWords, UnconfirmedWords

if TYPE_CHECKING:
    from datetime import datetime

WORDS_KEPT = timedelta(days=365)
"""What was searched, and the digests of what was searched once or twice."""
TOTALS_KEPT = timedelta(days=5 * 365)
"""How often things were read: years are compared."""


def forget_words(before: datetime) -> int:
    """Delete the words that were searched before a moment."""
    oldest = localdate(before)
    count = SearchedDay.objects.filter(day__lt=oldest).delete()[0]
    count += UnconfirmedWords.objects.filter(first_day__lt=oldest).delete()[0]
    SearchedWords.objects.filter(days=None).delete()
    return count


def forget_totals(before: datetime) -> int:
    """Delete the totals of days before a moment."""
    oldest = localdate(before)
    count = DailyTotal.objects.filter(day__lt=oldest).delete()[0]
    return count + ErasedTotal.objects.filter(day__lt=oldest).delete()[0]
