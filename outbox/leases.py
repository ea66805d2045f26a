"""How workers share rows: each claims some for a while, and a dead one gives them up."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction
from django.db.models import Q

if TYPE_CHECKING:
    from django.db.models import QuerySet


def claim(waiting: QuerySet[Any], limit: int, worker: str, until: datetime) -> list[int]:
    """Claim rows that wait, without those that another worker is claiming.

    Args:
        waiting: rows in their order, of a model with ``state``, ``claimed_by`` and ``lease_until``.
        limit: how many at most.
        worker: who claims them.
        until: when they are given up.

    Returns:
        The keys of the rows.
    """
    with transaction.atomic():
        # SQLite has one transaction at a time that writes.
        skip = connection.features.has_select_for_update_skip_locked
        rows = waiting.select_for_update(skip_locked=True, of=("self",)) if skip else waiting
        keys = list(rows.values_list("pk", flat=True)[:limit])
        states = waiting.model.State
        waiting.model._default_manager.filter(pk__in=keys).update(
            state=states.CLAIMED, claimed_by=worker, lease_until=until
        )
    return keys


def lapsed(now: datetime, lease: timedelta) -> Q:
    """Return the condition of rows whose lease ran out.

    One that ends much later was given before the clock was set back, and is believed no more.
    """
    return Q(lease_until__lt=now) | Q(lease_until__gt=now + 2 * lease)


def due(now: datetime, longest: timedelta) -> Q:
    """Return the condition of rows that may be tried now.

    A moment further away than the longest delay was set before the clock was set back.
    """
    return Q(next_attempt_at__lte=now) | Q(next_attempt_at__gt=now + longest)


def retry_delay(attempts: int, first: timedelta, longest: timedelta) -> timedelta:
    """Return the delay before the next try: twice as long each time, up to the longest."""
    # Doubled thirty times, the first would be beyond what a timedelta holds.
    return min(first * 2 ** min(attempts - 1, 20), longest)
