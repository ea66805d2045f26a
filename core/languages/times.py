"""Hours, as people write them."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.utils.formats import time_format
from django.utils.translation import get_language

NBSP = "\u00a0"


def format_time(hour: int, minute: int = 0) -> str:
    """Return an hour (24 ends a day) as the active language writes it: « 9 h 30 », "2 p.m."."""
    if (get_language() or settings.LANGUAGE_CODE) != settings.LANGUAGE_CODE:
        return time_format(time(hour % 24, minute), "TIME_FORMAT").replace(" ", NBSP)
    return f"{hour}{NBSP}h{NBSP}{minute:02}" if minute else f"{hour}{NBSP}h"
