"""What follows from a publication."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_delete
from django.dispatch import receiver
from wagtail.models import DraftStateMixin, Revision
from wagtail.signals import published

from contributions import lifecycle
from contributions.models import ContributionFile, OutsideContent, State
from contributions.workflow import content_type_of, pending


@receiver(published, dispatch_uid="contributions.close")
def close(instance: DraftStateMixin, revision: Revision, **kwargs: Any) -> None:
    """Tell the partner that it is online, or when it will be; let the files out of quarantine."""
    outside = pending(instance)
    if outside is None:
        return
    contribution = outside.contribution
    user = kwargs.get("user")
    if not instance.live:
        if contribution is not None and contribution.state == State.IN_REVIEW:
            lifecycle.move(contribution, State.SCHEDULED, user=user)
        return
    OutsideContent.objects.filter(pk=outside.pk).update(is_pending=False)
    if contribution is not None:
        from contributions.triage import let_out  # noqa: PLC0415 (it imports the content apps)

        let_out(contribution)
        lifecycle.move(contribution, State.PUBLISHED, user=user)


@receiver(post_delete, dispatch_uid="contributions.forget_deleted")
def forget_deleted(instance: Any, **kwargs: Any) -> None:
    """Forget what a deleted page or snippet was, and what is stored of a deleted file."""
    if isinstance(instance, ContributionFile):
        if instance.file:
            instance.file.storage.delete(str(instance.file.name))
    elif isinstance(instance, DraftStateMixin):
        OutsideContent.objects.filter(
            content_type=content_type_of(instance), object_id=str(instance.pk)
        ).delete()
