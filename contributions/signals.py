"""What follows from a publication, and from a deletion."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver
from wagtail.models import DraftStateMixin, Revision, TaskState
from wagtail.signals import published, task_rejected, task_submitted

from contributions import lifecycle
from contributions.library import release_files
from contributions.models import (
    Contribution,
    ContributionFile,
    ContributionState,
    FileState,
    file_decided,
)
from review.actors import current_actor
from review.content import canonical_hash
from review.workflow import approval_comments

REVIEWED = (ContributionState.IN_REVIEW, ContributionState.SCHEDULED)


@receiver(published, dispatch_uid="contributions.close")
def close_contribution(instance: DraftStateMixin, revision: Revision, **kwargs: Any) -> None:
    """Change the state of the contribution that was published, and release its files.

    Its partner gets the comments of those who approved it, once.
    """
    contribution = find_contribution(instance.get_content_type().pk, str(instance.pk), *REVIEWED)
    if contribution is None:
        return
    actor = current_actor()
    user = actor.user if actor else None
    if instance.live:
        to = ContributionState.PUBLISHED
        release_files(contribution)
    elif contribution.state == ContributionState.IN_REVIEW:
        to = ContributionState.SCHEDULED
    else:
        return
    # Once: what is scheduled was announced with them.
    is_first = contribution.state == ContributionState.IN_REVIEW
    comments = approval_comments(instance, canonical_hash(revision.content)) if is_first else ""
    lifecycle.transition(contribution, to, user=user, message=comments)


@receiver(task_rejected, dispatch_uid="contributions.request_changes")
def request_changes(instance: TaskState, **kwargs: Any) -> None:
    """Send the partner what a reviewer asks for, with the link to amend."""
    state = instance.workflow_state
    contribution = find_contribution(state.content_type_id, state.object_id, *REVIEWED)
    if contribution is not None:
        lifecycle.transition(
            contribution,
            ContributionState.CHANGES_REQUESTED,
            user=kwargs.get("user"),
            message=instance.comment,
        )


@receiver(task_submitted, dispatch_uid="contributions.resume_review")
def resume_review(instance: TaskState, **kwargs: Any) -> None:
    """Change the state of a contribution that the team amended and submits by itself."""
    state = instance.workflow_state
    contribution = find_contribution(
        state.content_type_id, state.object_id, ContributionState.CHANGES_REQUESTED
    )
    if contribution is not None:
        lifecycle.transition(contribution, ContributionState.IN_REVIEW, user=kwargs.get("user"))


def find_contribution(
    draft_type: int | None, draft_id: str, *states: ContributionState
) -> Contribution | None:
    """Return the contribution of a draft, if it is in one of some states."""
    return Contribution.objects.filter(
        draft_type=draft_type, draft_id=draft_id, state__in=states
    ).first()


@receiver(file_decided, dispatch_uid="contributions.announce_refusals")
def announce_refusals(instance: ContributionFile, **kwargs: Any) -> None:
    """Log that a file was refused, and write to its partner once nothing is in verification."""
    contribution = Contribution.objects.filter(files=instance).first()
    if contribution is not None:
        if instance.state == FileState.REFUSED:
            lifecycle.log_event(contribution, "file_refused", file=instance.pk)
        lifecycle.announce_refusals(contribution)


@receiver(post_delete, sender=ContributionFile, dispatch_uid="contributions.delete_content")
def delete_content(instance: ContributionFile, **kwargs: Any) -> None:
    """Delete the content of a deleted file."""
    if instance.file:
        instance.file.storage.delete(str(instance.file.name))
