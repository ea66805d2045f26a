"""How long subscribers, and who exported them, are kept, and their end."""

from __future__ import annotations

from datetime import datetime, timedelta

from newsletter.models import ExportLog, Subscriber
from newsletter.subscribing import erase

PENDING_FOR = timedelta(days=30)
"""How long a request that nobody confirms is kept."""
LEFT_FOR = timedelta(days=365)
"""How long the address of somebody who left is kept, for us to answer for what we sent."""
EXPORTS_FOR = timedelta(days=3 * 365)
"""How long who exported addresses is kept."""


def delete_unconfirmed(before: datetime) -> int:
    """Delete the requests of before a moment that nobody confirmed."""
    waiting = Subscriber.objects.filter(state=Subscriber.State.PENDING)
    old = waiting.exclude(consents__given_at__gt=before).filter(created_at__lt=before)
    _all, by_model = old.delete()
    return by_model.get(Subscriber._meta.label, 0)


def erase_left(before: datetime) -> int:
    """Erase those who left before a moment, or whose address does not work."""
    states = (Subscriber.State.UNSUBSCRIBED, Subscriber.State.BOUNCED)
    count = 0
    for subscriber in Subscriber.objects.filter(state__in=states, left_at__lt=before).iterator():
        erase(subscriber)
        count += 1
    return count


def delete_exports(before: datetime) -> int:
    """Delete the record of exports of before a moment."""
    return ExportLog.objects.filter(exported_at__lt=before).delete()[0]
