"""The queue of each reviewer: what waits for them, since when, and the reminders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import TaskState

from contributions.emails import reviewers, send_review_reminder
from contributions.models import Contribution, ContributionState
from contributions.working_days import working_days_ago, working_days_since
from review.models import Checklist

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from core.models import User

REMINDER_WORKING_DAYS = 5
"""How long something waits before its reviewer is reminded, and between two reminders."""


@dataclass(frozen=True)
class QueueItem:
    """A contribution to read, or a step of a review to approve."""

    contribution: Contribution
    step: str
    since: dt.datetime
    url: str

    @property
    def days(self) -> int:
        return working_days_since(self.since)


def review_queue(user: User) -> list[QueueItem]:
    """Return what waits for a reviewer, oldest first.

    Contributions to read are theirs if they follow them, or if nobody does.
    Steps of a review are those that they may approve: not what they wrote
    themselves, nor what they approved before.
    """
    if not user.has_perm("contributions.change_contribution"):
        return []
    unread = Contribution.objects.filter(
        Q(assignee=user) | Q(assignee=None), state=ContributionState.RECEIVED
    ).select_related("assignee")
    items = [
        QueueItem(c, _("À lire"), c.waiting_since, reverse("contribution:inspect", args=[c.pk]))
        for c in unread
    ]
    return sorted([*items, *_review_steps(user)], key=lambda item: item.since)


def _review_steps(user: User) -> Iterator[QueueItem]:
    in_review = Contribution.objects.filter(state=ContributionState.IN_REVIEW)
    by_draft = {(c.draft_type_id, c.draft_id): c for c in in_review}
    if not by_draft:
        return
    for model in Checklist.__subclasses__():
        for task in model.objects.filter(active=True):
            states = task.get_task_states_user_can_moderate(user).filter(
                status=TaskState.STATUS_IN_PROGRESS
            )
            for state in states.select_related("workflow_state"):
                key = (state.workflow_state.content_type_id, state.workflow_state.object_id)
                if contribution := by_draft.get(key):
                    url = reverse("contribution:inspect", args=[contribution.pk])
                    yield QueueItem(contribution, task.name, state.started_at, url)


def send_reminders(now: dt.datetime | None = None) -> int:
    """Send each reviewer a reminder of what has waited too long.

    At most one reminder of the same thing each five working days.

    Returns:
        How many e-mails were sent.
    """
    now = now or timezone.now()
    limit = working_days_ago(REMINDER_WORKING_DAYS, now)
    sent = 0
    reminded: set[int] = set()
    for user in reviewers():
        late = [
            item
            for item in review_queue(user)
            if working_days_since(item.since, now) >= REMINDER_WORKING_DAYS
            and (item.contribution.reminded_at is None or item.contribution.reminded_at <= limit)
        ]
        if late:
            rows = [item.contribution for item in late]
            send_review_reminder(user, rows)
            reminded |= {item.pk for item in rows}
            sent += 1
    Contribution.objects.filter(pk__in=reminded).update(reminded_at=now)
    return sent
