"""What follows from a publication, and from a deletion."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver
from wagtail.models import DraftStateMixin, Revision
from wagtail.signals import published

from contributions import lifecycle
from contributions.library import release_files
from contributions.models import ContributionFile, ContributionState, OutsideContent
from contributions.workflow import content_type_of, pending


@receiver(published, dispatch_uid="contributions.close")
def close_contribution(instance: DraftStateMixin, revision: Revision, **kwargs: Any) -> None:
    """Change the state of the contribution that was published, and release its files."""
    outside = pending(instance)
    if outside is None:
        return
    contribution = outside.contribution
    user = kwargs.get("user")
    if not instance.live:
        if contribution is not None and contribution.state == ContributionState.IN_REVIEW:
            lifecycle.transition(contribution, ContributionState.SCHEDULED, user=user)
        return
    OutsideContent.objects.filter(pk=outside.pk).update(is_pending=False)
    if contribution is not None:
        release_files(contribution)
        lifecycle.transition(contribution, ContributionState.PUBLISHED, user=user)


@receiver(post_delete, dispatch_uid="contributions.forget_deleted")
def delete_leftovers(instance: Any, **kwargs: Any) -> None:
    """Delete the mark of a deleted page, and the content of a deleted file."""
    if isinstance(instance, ContributionFile):
        if instance.file:
            instance.file.storage.delete(str(instance.file.name))
    elif isinstance(instance, DraftStateMixin):
        OutsideContent.objects.filter(
            content_type=content_type_of(instance), object_id=str(instance.pk)
        ).delete()
