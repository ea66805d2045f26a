"""The ends of a contribution other than publication, and the requests for changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from contributions import lifecycle
from contributions.drafts import cancel_review
from contributions.library import delete_imported_files
from contributions.models import ContributionState

if TYPE_CHECKING:
    from contributions.models import Contribution
    from core.models import User


@transaction.atomic
def request_changes(contribution: Contribution, user: User, message: str) -> Contribution:
    """Request changes from the partner; the review stops meanwhile."""
    contribution = lifecycle.transition(
        contribution, ContributionState.CHANGES_REQUESTED, user=user, message=message
    )
    cancel_review(contribution, user)
    return contribution


@transaction.atomic
def reject(contribution: Contribution, user: User, reason: str) -> Contribution:
    """Reject a contribution with a reason, and delete its unpublished draft."""
    contribution = lifecycle.transition(
        contribution, ContributionState.REJECTED, user=user, message=reason
    )
    delete_draft(contribution, user)
    return contribution


@transaction.atomic
def withdraw(contribution: Contribution, user: User | None = None) -> Contribution:
    """Withdraw a contribution for its partner, and delete its unpublished draft."""
    was_sent = contribution.state != ContributionState.DRAFT
    contribution = lifecycle.transition(
        contribution,
        ContributionState.WITHDRAWN,
        user=user,
        is_from_partner=True,
        is_notified=was_sent,
    )
    delete_draft(contribution, user)
    if was_sent:
        lifecycle.notify_team(contribution, "team_withdrawn")
    return contribution


@transaction.atomic
def accept(contribution: Contribution, user: User, message: str) -> Contribution:
    """Accept what makes no draft: a request to join the network."""
    return lifecycle.transition(
        contribution, ContributionState.ACCEPTED, user=user, message=message
    )


def delete_draft(contribution: Contribution, user: User | None) -> None:
    """Delete a draft that was never published, and its files that nothing else uses."""
    draft: Any = contribution.live_draft()
    if draft is not None and not draft.live and draft.first_published_at is None:
        cancel_review(contribution, user)
        draft.delete()
        contribution.draft_type, contribution.draft_id = None, ""
        contribution.save(update_fields=["draft_type", "draft_id", "updated_at"])
    delete_imported_files(contribution)
