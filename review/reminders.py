"""Reminders of what has waited for too long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from core.mail import Reader, register_emails, send_email
from core.models import User
from review.groups import TEAM
from review.queue import QueueItem, queue_of
from review.working_days import REMINDER_WORKING_DAYS, working_days_ago, working_days_since

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import Model

register_emails("review/reminder", reader=Reader.TEAM)


@transaction.atomic
def send_reminders(now: dt.datetime | None = None) -> int:
    """Send each person of the team one reminder of all that has waited for them too long.

    Returns:
        How many e-mails were sent.
    """
    now = now or timezone.now()
    limit = working_days_ago(REMINDER_WORKING_DAYS, now)
    reminded: dict[tuple[type[Model], int], Model] = {}
    sent = 0
    people = User.objects.filter(groups__name__in=TEAM, is_active=True).exclude(email="")
    for user in people.distinct().order_by("pk"):
        with override(settings.LANGUAGE_CODE):
            late = [item for item in queue_of(user) if _is_late(item, limit, now)]
        if late:
            send_reminder(user, late)
            reminded |= {(type(item.row), item.row.pk): item.row for item in late}
            sent += 1
    for row in reminded.values():
        type(row)._base_manager.filter(pk=row.pk).update(reminded_at=now)
    return sent


def _is_late(item: QueueItem, limit: dt.datetime, now: dt.datetime) -> bool:
    reminded_at: dt.datetime | None = item.row.reminded_at  # type: ignore[attr-defined]
    return (
        not item.is_own
        and working_days_since(item.since, now) >= REMINDER_WORKING_DAYS
        and (reminded_at is None or reminded_at <= limit)
    )


def send_reminder(user: User, items: list[QueueItem]) -> None:
    """Remind somebody of what waits for them."""
    rows = [
        {
            "title": item.title,
            "kind": item.kind,
            "step": item.step,
            "url": f"{settings.WAGTAILADMIN_BASE_URL}{item.url}",
        }
        for item in items
    ]
    send_email("review/reminder", user.email, {"rows": rows}, settings.LANGUAGE_CODE, about=user)
