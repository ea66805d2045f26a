"""What reviews hold of people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.dispatch import receiver
from wagtail.models import Revision

from core.personal_data import NUMBERS
from core.privacy.common import ACTIVITY, WITH_CONTENT, WITH_ROW
from core.privacy.erasing import rewritten
from core.privacy.registry import declare, declare_all, held
from review.content import canonical_hash
from review.models import ReviewState, RevisionRecord

if TYPE_CHECKING:
    from core.privacy.finding import Mention


@receiver(rewritten, sender=Revision, dispatch_uid="review.keep_approvals")
def keep_approvals(mention: Mention, values: dict[str, Any], **kwargs: Any) -> None:
    """Let what is left of a content have the approvals that it had."""
    if "content" in values:
        before, after = (canonical_hash(each["content"]) for each in (mention.values, values))
        RevisionRecord.objects.filter(content_hash=before).update(content_hash=after)
        ReviewState.objects.filter(content_hash=before).update(content_hash=after)


declare(
    "review.RevisionRecord",
    held(ACTIVITY, "user scheduled_by created_at", WITH_CONTENT),
    rest=NUMBERS,
)
declare("review.ReviewState", held(ACTIVITY, "ticked", WITH_ROW), rest=NUMBERS)
declare("review.ExternalContent", rest=NUMBERS)
declare_all("review.EditorialReview review.Validation", NUMBERS)
