"""What follows a review: a setting names it, which Wagtail reads while its own models load."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wagtail.models import WorkflowState

    from core.models import User


def finish_review(workflow_state: WorkflowState, user: User | None = None) -> None:
    """Publish what was validated; of an issue, the correction once it is sent."""
    # Wagtail's models load before ours.
    from wagtail.workflows import publish_workflow_state  # noqa: PLC0415

    from newsletter.models import NewsletterIssuePage  # noqa: PLC0415
    from review.signals import review_approved  # noqa: PLC0415

    content = workflow_state.content_object
    if getattr(content, "specific_class", None) is not NewsletterIssuePage:
        publish_workflow_state(workflow_state, user=user)
        return
    review_approved.send(
        sender=NewsletterIssuePage,
        instance=content.specific,
        revision=content.get_latest_revision(),
        approvers=[user],
    )
