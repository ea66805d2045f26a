"""What follows from the end of a review: the archive of a sent issue is corrected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.dispatch import receiver

from newsletter.archive import is_public, publish_archive
from newsletter.models import NewsletterIssuePage
from review.signals import review_approved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.models import User


@receiver(review_approved, sender=NewsletterIssuePage, dispatch_uid="newsletter.correct_archive")
def correct_archive(
    instance: NewsletterIssuePage, approvers: Sequence[User | None], **kwargs: Any
) -> None:
    """Publish the approved correction of an issue, if it is sent and its archive is public.

    What was taken off stays off until somebody brings it back.
    """
    if instance.has_archive and is_public(instance):
        publish_archive(instance, next((user for user in reversed(approvers) if user), None))
