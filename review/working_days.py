"""Working days in metropolitan France."""

from __future__ import annotations

import datetime as dt
from functools import cache

import holidays
from django.utils import timezone

REMINDER_WORKING_DAYS = 5
"""How long something waits before a reminder, and between two reminders of it."""


@cache
def _public_holidays() -> holidays.HolidayBase:
    # Computed year by year as days are asked for, from rules that come with the package.
    return holidays.country_holidays("FR")


def is_working_day(day: dt.date) -> bool:
    """Return whether a day is neither in a weekend nor a public holiday."""
    return _public_holidays().is_working_day(day)


def working_days_since(moment: dt.datetime, now: dt.datetime | None = None) -> int:
    """Return how many working days have passed since a moment, its own day left out."""
    start = timezone.localdate(moment)
    end = timezone.localdate(now or timezone.now())
    days = (start + dt.timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(map(is_working_day, days))


def working_days_ago(count: int, now: dt.datetime | None = None) -> dt.datetime:
    """Return the moment before which something has waited for so many working days."""
    now = now or timezone.now()
    while count:
        now -= dt.timedelta(days=1)
        if is_working_day(timezone.localdate(now + dt.timedelta(days=1))):
            count -= 1
    return now
