"""Contributions to read, in the queue of each reviewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from contributions.emails import REVIEW
from contributions.models import Contribution, ContributionState
from review.queue import QueueItem, register_source

if TYPE_CHECKING:
    from core.models import User


@register_source
def unread_contributions(user: User) -> list[QueueItem]:
    """Return the contributions that a reviewer follows or that nobody does, still to be read."""
    if not user.has_perm(REVIEW):
        return []
    rows = Contribution.objects.filter(
        Q(assignee=user) | Q(assignee=None), state=ContributionState.RECEIVED
    )
    return [
        QueueItem(
            title=row.name,
            kind=row.get_kind_display(),
            step=_("À lire"),
            since=row.waiting_since,
            url=reverse("contribution:inspect", args=[row.pk]),
            row=row,
        )
        for row in rows
    ]
