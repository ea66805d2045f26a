"""Which days a screen of figures is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import AdminDateInput

from core.languages.times import format_day

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_DAYS_BY_DAY = 92
"""Longer periods are shown by month."""
DEFAULT_DAYS = 30
DAYS = {"30j": (_("30 derniers jours"), 30), "90j": (_("90 derniers jours"), 90)}
MONTHS = {"12m": (_("12 derniers mois"), 12), "24m": (_("24 derniers mois"), 24)}
YEARS = 5


@dataclass(frozen=True)
class Period:
    """From a day to another, both included."""

    start: date
    end: date

    @property
    def is_by_month(self) -> bool:
        """Whether it is too long to be shown by day."""
        return (self.end - self.start).days > MAX_DAYS_BY_DAY

    def steps(self) -> list[date]:
        """Return the first day of each month that it touches, or each of its days."""
        if not self.is_by_month:
            count = (self.end - self.start).days + 1
            return [self.start + timedelta(days=number) for number in range(count)]
        months = [self.start.replace(day=1)]
        while (following := add_months(months[-1], 1)) <= self.end:
            months.append(following)
        return months

    def label_of(self, step: date, *, short: bool = False) -> str:
        """Return how people call a day or a month."""
        if self.is_by_month:
            return date_format(step, "m/y" if short else "F Y")
        return date_format(step, "d/m") if short else format_day(step)

    def __str__(self) -> str:
        return gettext("du %(start)s au %(end)s") % {
            "start": format_day(self.start),
            "end": format_day(self.end),
        }


def add_months(day: date, months: int) -> date:
    """Return the first day of a month that comes some months after, or before, that of a day."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def last_days(days: int = DEFAULT_DAYS) -> Period:
    """Return the period of some days that ends today."""
    today = timezone.localdate()
    return Period(today - timedelta(days=days - 1), today)


def last_months(months: int) -> Period:
    """Return some whole months, of which this one is the last."""
    today = timezone.localdate()
    return Period(add_months(today, 1 - months), today)


def year_period(year: int) -> Period:
    """Return a year."""
    return Period(date(year, 1, 1), date(year, 12, 31))


def years() -> list[int]:
    """Return the years that can be chosen, the latest first."""
    this = timezone.localdate().year
    return list(range(this, this - YEARS, -1))


class PeriodForm(forms.Form):
    """The choice of a period: one of ours, or two days."""

    periode = forms.ChoiceField(label=_("Période"), required=False)
    du = forms.DateField(label=_("ou du"), required=False, widget=AdminDateInput)
    au = forms.DateField(label=_("au"), required=False, widget=AdminDateInput)

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.fields["periode"].choices = [  # type: ignore[attr-defined]
            *((name, label) for name, (label, _length) in (DAYS | MONTHS).items()),
            *((str(year), str(year)) for year in years()),
        ]

    def clean(self) -> None:
        """Refuse a period that ends before it starts.

        Raises:
            ValidationError: it does.
        """
        start, end = self.cleaned_data.get("du"), self.cleaned_data.get("au")
        if start and end and end < start:
            raise forms.ValidationError(_("La période finit avant de commencer."))

    @property
    def period(self) -> Period:
        """The period that was chosen, the last 30 days without one."""
        chosen = self.cleaned_data if self.is_valid() else {}
        today = timezone.localdate()
        if start := chosen.get("du"):
            return Period(start, chosen.get("au") or max(today, start))
        if end := chosen.get("au"):
            return Period(end - timedelta(days=DEFAULT_DAYS - 1), end)
        name = chosen.get("periode")
        if name in MONTHS:
            return last_months(MONTHS[name][1])
        if name in DAYS or not name:
            return last_days(DAYS[name][1] if name else DEFAULT_DAYS)
        return year_period(int(name))
