"""Hours, days and moments, as people write them."""

from __future__ import annotations

from datetime import date, datetime, time

from django.conf import settings
from django.utils.formats import date_format, time_format
from django.utils.timezone import is_aware, localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

NBSP = "\u00a0"


def is_french() -> bool:
    """Return whether the active language is that of the site."""
    return (get_language() or settings.LANGUAGE_CODE) == settings.LANGUAGE_CODE


def format_time(hour: int, minute: int = 0) -> str:
    """Return an hour (24 ends a day) as the active language writes it: « 9 h 30 », "2 p.m."."""
    if not is_french():
        return time_format(time(hour % 24, minute), "TIME_FORMAT").replace(" ", NBSP)
    return f"{hour}{NBSP}h{NBSP}{minute:02}" if minute else f"{hour}{NBSP}h"


def format_day(day: date) -> str:
    """Return a day as the active language writes it: « 1er décembre 2026 », "Dec. 1, 2026"."""
    written = date_format(day, "DATE_FORMAT")
    return written.replace("1 ", "1er ", 1) if is_french() and day.day == 1 else written


def format_moment(moment: datetime) -> str:
    """Return a moment in Paris as the active language writes it: « 1er mai 2026 à 14 h »."""
    local = localtime(moment) if is_aware(moment) else moment
    values = {"day": format_day(local.date()), "time": format_time(local.hour, local.minute)}
    return _("%(day)s à %(time)s") % values
