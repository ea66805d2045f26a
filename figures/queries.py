"""Sums of the totals of days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import TruncMonth

from figures.models import DailyTotal, SearchedWords
from network.models import Structure
from published.models import Item
from published.queries import items_of, page_items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from figures.periods import Period

Counted = DailyTotal.Counted


@dataclass(frozen=True)
class Step:
    """A day or a month, with what was counted."""

    first_day: date
    label: str
    totals: dict[str, int]

    def __getattr__(self, name: str) -> int:
        # As columns and exports ask for it.
        if name in Counted.values:
            return self.totals.get(name, 0)
        raise AttributeError(name)


def totals_in(period: Period) -> QuerySet[DailyTotal]:
    """Return the totals of the days of a period."""
    return DailyTotal.objects.filter(day__range=(period.start, period.end))


def steps_of(period: Period, rows: QuerySet[DailyTotal] | None = None) -> list[Step]:
    """Return what was counted on each day, or in each month, of a period, in one query."""
    rows = totals_in(period) if rows is None else rows
    moment: Any = TruncMonth("day") if period.is_by_month else "day"
    found: dict[date, dict[str, int]] = {}
    for at, counted, total in (
        rows.order_by().values_list(moment, "counted").annotate(sum=Sum("total"))
    ):
        day = at.date() if isinstance(at, datetime) else at
        found.setdefault(day, {})[counted] = total
    return [Step(step, period.label_of(step), found.get(step, {})) for step in period.steps()]


def sums_of(period: Period) -> dict[str, int]:
    """Return how much was counted in a period, of each kind."""
    rows = totals_in(period).order_by().values_list("counted").annotate(sum=Sum("total"))
    return dict(rows)


def most_counted(kinds: Sequence[str], period: Period) -> QuerySet[DailyTotal, Any]:
    """Return how often each thing was read, the most read first."""
    return (
        totals_in(period)
        .filter(counted__in=kinds)
        .values("counted", "thing_id")
        .annotate(sum=Sum("total"))
        .order_by("-sum", "counted", "thing_id")
    )


def most_searched(period: Period, *, in_vain: bool = False) -> QuerySet[SearchedWords, Any]:
    """Return the words that were searched, or those that found nothing, the most searched first."""
    in_period = Q(days__day__range=(period.start, period.end))
    rows = SearchedWords.objects.annotate(
        sum=Sum("days__total", filter=in_period),
        without_result=Sum("days__without_result", filter=in_period),
    )
    if in_vain:
        return rows.filter(without_result__gt=0).order_by("-without_result", "words")
    return rows.filter(sum__gt=0).order_by("-sum", "words")


def public_items() -> QuerySet[Item]:
    """Return the items of pages and structures that anyone may read now."""
    shown = Q(pk__in=page_items().values("pk")) | Q(pk__in=items_of(Structure).values("pk"))
    return Item.objects.filter(shown)


def never_opened(period: Period) -> QuerySet[Item]:
    """Return what is public and was not read in a period, the latest published first."""
    read = totals_in(period).filter(thing_id=OuterRef("thing_id"))
    is_read = Q(Exists(read.filter(counted=Counted.PAGE)), page__isnull=False) | Q(
        Exists(read.filter(counted=Counted.STRUCTURE)), page__isnull=True
    )
    return (
        public_items()
        .filter(is_alias=False, published_at__date__lte=period.end)
        .exclude(is_read)
        .order_by("published_at", "pk")
    )
