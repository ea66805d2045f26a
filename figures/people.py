"""Contributions, subscribers and sessions by day or month, with what was erased since."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, Sum
from django.utils.timezone import localdate, make_aware, now

from contributions.models import Contribution, ContributionState
from events.models import Registration, Session
from figures.models import ErasedTotal
from figures.signals import OUTCOMES
from newsletter.models import Subscriber

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from figures.periods import Period

Counted = ErasedTotal.Counted
SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class ContributionStep:
    """What happened to contributions on a day or in a month."""

    label: str
    first_day: date
    received: int
    published: int
    refused: int
    withdrawn: int
    delay: float | None
    """The median of the days from reception to publication, of those published."""


@dataclass(frozen=True)
class SubscriberStep:
    """Who came to the newsletter and who left, on a day or in a month."""

    label: str
    first_day: date
    new: int
    left: int
    total: int


@dataclass(frozen=True)
class Attendance:
    """The sessions of a period and who came."""

    sessions: int
    registered: int
    attended: int


def moments_of(period: Period) -> tuple[datetime, datetime]:
    """Return when a period starts, and when it is over."""
    start, end = (
        make_aware(datetime.combine(day, time()))
        for day in (period.start, period.end + timedelta(days=1))
    )
    return start, end


def erased_in(period: Period) -> dict[tuple[date, str], int]:
    """Return what was erased since, by day and by what was counted."""
    rows = ErasedTotal.objects.filter(day__range=(period.start, period.end))
    return {(row.day, row.counted): row.total for row in rows}


def contribution_steps(period: Period) -> list[ContributionStep]:
    """Return what happened to contributions, step by step, in two queries."""
    totals: Counter[tuple[date, str]] = Counter()
    delays: dict[date, list[float]] = defaultdict(list)
    step_of = _step_finder(period)
    for (day, counted), total in erased_in(period).items():
        totals[step_of(day), counted] += total
    for received_at, closed_at, state in _contributions(period):
        received, closed = localdate(received_at), closed_at and localdate(closed_at)
        if period.start <= received <= period.end:
            totals[step_of(received), Counted.RECEIVED] += 1
        outcome = OUTCOMES.get(ContributionState(state))
        if outcome and closed and period.start <= closed <= period.end:
            totals[step_of(closed), outcome] += 1
            if outcome == Counted.PUBLISHED:
                delays[step_of(closed)].append(_days(received_at, closed_at))
    return [
        ContributionStep(
            label=period.label_of(step),
            first_day=step,
            received=totals[step, Counted.RECEIVED],
            published=totals[step, Counted.PUBLISHED],
            refused=totals[step, Counted.REFUSED],
            withdrawn=totals[step, Counted.WITHDRAWN],
            delay=_rounded(median(delays[step])) if delays[step] else None,
        )
        for step in period.steps()
    ]


def median_delay(period: Period) -> float | None:
    """Return the median of the days that contributions published in a period had taken."""
    start, end = moments_of(period)
    days = [
        _days(received_at, closed_at)
        for received_at, closed_at, state in _contributions(period)
        if closed_at
        and start <= closed_at < end
        and OUTCOMES.get(ContributionState(state)) == Counted.PUBLISHED
    ]
    return _rounded(median(days)) if days else None


def _contributions(period: Period) -> Iterable[tuple[datetime, datetime | None, str]]:
    start, end = moments_of(period)
    in_period = Q(received_at__gte=start, received_at__lt=end) | Q(
        closed_at__gte=start, closed_at__lt=end
    )
    return (
        Contribution.objects.filter(in_period)
        .exclude(state=ContributionState.DRAFT)
        .values_list("received_at", "closed_at", "state")
    )


def _days(start: datetime, end: datetime | None) -> float:
    return (end - start).total_seconds() / SECONDS_PER_DAY if end else 0


def _rounded(days: float) -> float:
    """Return days with a decimal, where there is one."""
    return int(days) if round(days, 1) == int(days) else round(days, 1)


def _step_finder(period: Period) -> Callable[[date], date]:
    if period.is_by_month:
        return lambda day: day.replace(day=1)
    return lambda day: day


def subscriber_steps(period: Period) -> list[SubscriberStep]:
    """Return how the newsletter grew, step by step, in two queries."""
    start, end = moments_of(period)
    step_of = _step_finder(period)
    new: Counter[date] = Counter()
    left: Counter[date] = Counter()
    confirmed = Subscriber.objects.exclude(confirmed_at=None)
    moves = confirmed.filter(
        Q(confirmed_at__gte=start, confirmed_at__lt=end) | Q(left_at__gte=start, left_at__lt=end)
    ).values_list("confirmed_at", "left_at")
    for confirmed_at, left_at in moves:
        if confirmed_at and start <= confirmed_at < end:
            new[step_of(localdate(confirmed_at))] += 1
        if left_at and start <= left_at < end:
            left[step_of(localdate(left_at))] += 1
    total = subscribers_at(start)
    steps = []
    for step in period.steps():
        total += new[step] - left[step]
        steps.append(SubscriberStep(period.label_of(step), step, new[step], left[step], total))
    return steps


def subscribers_at(moment: datetime) -> int:
    """Return how many subscribers the newsletter had at a moment."""
    stayed = Q(left_at=None) | Q(left_at__gte=moment)
    return Subscriber.objects.filter(stayed, confirmed_at__lt=moment).count()


def attendance_in(period: Period, language: str) -> Attendance:
    """Return the sessions that took place in a period, and who came.

    Args:
        period: its days.
        language: that of the pages whose sessions count; those of translations are the same ones.
    """
    start, end = moments_of(period)
    # What is to come was not held yet.
    end = min(end, now())
    held = Session.objects.filter(starts_at__gte=start, starts_at__lt=end, cancelled_at=None)
    people: dict[str, Any] = Registration.objects.filter(
        session__starts_at__gte=start,
        session__starts_at__lt=end,
        state=Registration.State.CONFIRMED,
    ).aggregate(all=Count("pk"), there=Count("pk", filter=Q(has_attended=True)))
    erased: dict[str, int] = dict(
        ErasedTotal.objects.filter(day__range=(period.start, period.end))
        .values_list("counted")
        .annotate(sum=Sum("total"))
    )
    return Attendance(
        sessions=held.filter(page__locale__language_code=language).count(),
        registered=people["all"] + erased.get(Counted.REGISTERED, 0),
        attended=people["there"] + erased.get(Counted.ATTENDED, 0),
    )
