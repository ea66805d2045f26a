"""What follows from a publication, and from a deletion."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver
from wagtail.models import DraftStateMixin, Revision
from wagtail.signals import published

from contributions import lifecycle
from contributions.library import release_files
from contributions.models import Contribution, ContributionFile, ContributionState


@receiver(published, dispatch_uid="contributions.close")
def close_contribution(instance: DraftStateMixin, revision: Revision, **kwargs: Any) -> None:
    """Change the state of the contribution that was published, and release its files."""
    contribution = reviewed_contribution(instance)
    if contribution is None:
        return
    user = kwargs.get("user")
    if instance.live:
        release_files(contribution)
        lifecycle.transition(contribution, ContributionState.PUBLISHED, user=user)
    elif contribution.state == ContributionState.IN_REVIEW:
        lifecycle.transition(contribution, ContributionState.SCHEDULED, user=user)


def reviewed_contribution(draft: DraftStateMixin) -> Contribution | None:
    """Return the contribution of a draft, while it is in review or scheduled."""
    return Contribution.objects.filter(
        draft_type=draft.get_content_type(),
        draft_id=str(draft.pk),
        state__in=(ContributionState.IN_REVIEW, ContributionState.SCHEDULED),
    ).first()


@receiver(post_delete, sender=ContributionFile, dispatch_uid="contributions.delete_content")
def delete_content(instance: ContributionFile, **kwargs: Any) -> None:
    """Delete the content of a deleted file."""
    if instance.file:
        instance.file.storage.delete(str(instance.file.name))
