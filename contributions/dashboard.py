"""What the dashboard has of contributions: those that are not closed, by age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from contributions.emails import REVIEW
from contributions.models import CLOSED, Contribution, ContributionState
from contributions.next_steps import describe_next_steps
from core.admin.dashboard import SHOWN_LINES, Block, Line, register_block
from review.dashboard import describe_wait, is_late

if TYPE_CHECKING:
    from core.models import User


@register_block(20)
def open_contributions(user: User) -> Block | None:
    """Return the contributions of which nobody has decided yet, those that wait longest first."""
    if not user.has_perm(REVIEW):
        return None
    rows = (
        Contribution.objects.exclude(state__in=[*CLOSED, ContributionState.DRAFT])
        .select_related("assignee")
        .order_by("waiting_since", "pk")
    )
    shown = list(rows[:SHOWN_LINES])
    steps = describe_next_steps(shown)
    return Block(
        "open-contributions",
        _("Contributions en cours"),
        "mail",
        [
            Line(
                row.name,
                reverse("contribution:inspect", args=[row.pk]),
                " · ".join(filter(None, [row.get_kind_display(), steps.get(row.pk, "")])),
                describe_wait(row.waiting_since),
                is_late(row.waiting_since),
            )
            for row in shown
        ],
        total=rows.count(),
        url=reverse("contribution:index"),
    )
