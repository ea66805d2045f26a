"""Opening hours in the syntax of OpenStreetMap: what we accept of it, and how it reads.

Source: https://wiki.openstreetmap.org/wiki/Key:opening_hours/specification. We take the rules
that structures need: days, public holidays, times, « off », « 24/7 » and comments. Weeks, months
and sunrise are refused rather than half understood.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.languages.times import format_time

DAYS = {
    "Mo": _("lundi"),
    "Tu": _("mardi"),
    "We": _("mercredi"),
    "Th": _("jeudi"),
    "Fr": _("vendredi"),
    "Sa": _("samedi"),
    "Su": _("dimanche"),
    "PH": _("jours fériés"),
    "SH": _("vacances scolaires"),
}
ALWAYS = "24/7"
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|SH)"
_TIME = r"(?:[01]\d|2[0-4]):[0-5]\d"
RULE = re.compile(
    rf"(?P<days>{_DAY}(?:-{_DAY})?(?:,\s?{_DAY}(?:-{_DAY})?)*)?\s*"
    rf"(?P<times>off|{_TIME}-{_TIME}(?:,\s?{_TIME}-{_TIME})*)?\s*"
    r'(?P<comment>"[^"]{1,100}")?'
)


def _rules(value: str) -> list[re.Match[str] | None]:
    return [RULE.fullmatch(rule.strip()) for rule in value.split(";") if rule.strip()]


def validate_opening_hours(value: str) -> None:
    """Refuse opening hours that can't be parsed.

    Raises:
        ValidationError: with an example of what can.
    """
    if value.strip() == ALWAYS:
        return
    rules = _rules(value)
    if not rules or any(rule is None or not any(rule.groups()) for rule in rules):
        raise ValidationError(
            _(
                "Horaires illisibles. Exemple : Mo-Fr 09:00-12:30,14:00-18:00; Sa 10:00-12:00; "
                "PH off"
            ),
            code="opening_hours",
        )


def describe_opening_hours(value: str) -> list[str]:
    """Return opening hours as lines of text in the current language, unchanged if unreadable."""
    if value.strip() == ALWAYS:
        return [gettext("Tous les jours, jour et nuit")]
    lines = []
    for rule in _rules(value):
        if rule is None:
            return [value]
        parts = []
        if rule["days"]:
            parts.append(_format_days(rule["days"]))
        if rule["times"]:
            parts.append(_format_times(rule["times"]))
        line = (
            gettext("%(days)s : %(times)s") % {"days": parts[0], "times": parts[1]}
            if (len(parts) > 1)
            else "".join(parts)
        )
        if rule["comment"]:
            line = f"{line} ({rule['comment'].strip(chr(34))})" if line else rule["comment"]
        lines.append(line[:1].upper() + line[1:])
    return lines


def _format_days(days: str) -> str:
    labels = []
    for part in re.split(r",\s?", days):
        first, _dash, last = part.partition("-")
        labels.append(
            gettext("du %(first)s au %(last)s") % {"first": DAYS[first], "last": DAYS[last]}
            if last
            else str(DAYS[first])
        )
    return ", ".join(labels)


def _format_times(times: str) -> str:
    if times == "off":
        return gettext("fermé")
    labels = []
    for part in re.split(r",\s?", times):
        first, last = part.split("-")
        labels.append(
            gettext("%(first)s à %(last)s")
            % {"first": _format_time(first), "last": _format_time(last)}
        )
    return ", ".join(labels)


def _format_time(time: str) -> str:
    return format_time(*map(int, time.split(":")))
