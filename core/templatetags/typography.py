"""How French is set: spaces that don't break, sizes of files, reading what editors typed."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING

from django import template
from django.utils.formats import number_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, get_language_bidi, ngettext
from django.utils.translation import gettext as _

from core.languages.times import format_day, format_moment

if TYPE_CHECKING:
    from core.schemas import File, PartialDate

register = template.Library()

KILO = 1024
NBSP = "\u00a0"
ISOLATE, END_ISOLATE = "\u2068", "\u2069"
"""Around what keeps its own direction (UAX 9, FSI and PDI)."""
TAG = re.compile(r"(<[^>]+>)")
BEFORE_SIGN = re.compile(r"(?<=\S) (?=[;:!?»%€](?:\s|$|[.,)]))")
IN_NUMBER = re.compile(r"(?<=\d) (?=\d)")
AFTER_OPENING = re.compile(r"« (?=\S)")


@register.filter(is_safe=True)
def typo(text: str) -> str:
    """Return a text or HTML with spaces that don't break where the reader's language wants them.

    An editor types plain spaces. In French, a line must not start with ``:`` or ``»``. From right
    to left, « 116 000 » would read « 000 116 »: a space that doesn't break keeps a number whole
    (UAX 9, W4).
    """
    parts = TAG.split(str(text))
    # Every other part is a tag, whose attributes stay as they are.
    if (get_language() or "").startswith("fr"):
        parts[::2] = [
            AFTER_OPENING.sub(f"«{NBSP}", BEFORE_SIGN.sub(NBSP, part)) for part in parts[::2]
        ]
    elif get_language_bidi():
        parts[::2] = [IN_NUMBER.sub(NBSP, part) for part in parts[::2]]
    return "".join(parts)


@register.filter
def file_size(size: int | None) -> str:
    """Return a size in bytes as people write it: « 340 Ko », « 1,2 Mo »; empty if unknown."""
    if size is None:
        return ""
    if size < KILO:
        return _("%(size)s octets").replace(" ", NBSP) % {"size": size}
    kilos = size / KILO
    if round(kilos) < KILO:
        return _("%(size)s Ko").replace(" ", NBSP) % {"size": round(kilos)}
    megas = number_format(round(kilos / KILO, 1), decimal_pos=1)
    return _("%(size)s Mo").replace(" ", NBSP) % {"size": megas}


@register.filter
def about_file(file: File) -> str:
    """Return what a reader wants to know before downloading: « PDF, 340 Ko, 12 pages »."""
    pages = file.page_count
    counted = ngettext("%(count)s page", "%(count)s pages", pages or 0) % {"count": pages}
    data = [file.extension.upper(), file_size(file.size), counted if pages else ""]
    if get_language_bidi():
        return "، ".join(f"{ISOLATE}{part}{END_ISOLATE}" for part in data if part)
    return ", ".join(filter(None, data))


@register.filter
def long_day(moment: datetime | date | None) -> str:
    """Return a day as people write it: « 1er décembre 2026 »; empty if there is none."""
    if moment is None:
        return ""
    return format_day(localtime(moment).date() if isinstance(moment, datetime) else moment)


@register.filter
def long_moment(moment: datetime | None) -> str:
    """Return a moment as people write it: « 1er décembre 2026 à 14 h »; empty if there is none."""
    return format_moment(moment) if moment else ""


@register.filter
def machine_day(day: PartialDate) -> str:
    """Return a day as precisely as it is known, for the ``datetime`` of a ``<time>``."""
    lengths = {"year": 4, "month": 7, "day": 10}
    return day.value.isoformat()[: lengths[day.precision]]
