"""What waits on whom, since when, and the reminders of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from wagtail.models import TaskState

from contributions.emails import reviewers, send
from contributions.models import Checklist, Contribution, State
from contributions.working_days import working_days_ago, working_days_since
from core.links import email_base_url

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from core.models import User

DAYS = 5
"""Working days after which a reviewer is reminded."""


@dataclass(frozen=True)
class Waiting:
    """Something that waits on someone: a contribution to read, or a draft to review."""

    contribution: Contribution
    step: str
    since: dt.datetime
    url: str

    @property
    def days(self) -> int:
        return working_days_since(self.since)


def waiting_on(user: User) -> list[Waiting]:
    """Return what waits on someone, oldest first.

    Contributions to read are theirs if they follow them, or if nobody does.
    Steps of a review are those that they may approve: not what they wrote
    themselves, nor what they approved before.
    """
    if not user.has_perm("contributions.change_contribution"):
        return []
    unread = Contribution.objects.filter(
        Q(assignee=user) | Q(assignee=None), state=State.RECEIVED
    ).select_related("assignee")
    found = [
        Waiting(c, _("À lire"), c.waiting_since, reverse("contribution:inspect", args=[c.pk]))
        for c in unread
    ]
    return sorted([*found, *_steps_on(user)], key=lambda one: one.since)


def _steps_on(user: User) -> Iterator[Waiting]:
    in_review = Contribution.objects.filter(state=State.IN_REVIEW)
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
                    yield Waiting(contribution, task.name, state.started_at, url)


def remind(now: dt.datetime | None = None) -> int:
    """Write to each reviewer about what has waited on them for too long.

    At most one reminder of the same thing each five working days.

    Returns:
        How many letters were sent.
    """
    now = now or timezone.now()
    limit = working_days_ago(DAYS, now)
    sent = 0
    reminded: set[int] = set()
    for user in reviewers():
        late = [
            one
            for one in waiting_on(user)
            if working_days_since(one.since, now) >= DAYS
            and (one.contribution.reminded_at is None or one.contribution.reminded_at <= limit)
        ]
        if late:
            rows = [one.contribution for one in late]
            link = f"{email_base_url()}{reverse('contribution:index')}"
            subject = _("Des contributions attendent")
            send(
                "reminder",
                subject,
                {"rows": rows},
                (_("Voir les contributions"), link),
                [user.email],
            )
            reminded |= {one.pk for one in rows}
            sent += 1
    Contribution.objects.filter(pk__in=reminded).update(reminded_at=now)
    return sent
