"""What follows a review: a setting names it, which Wagtail reads while its own models load."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wagtail.models import WorkflowState

    from core.models import User


def finish_review(workflow_state: WorkflowState, user: User | None = None) -> None:
    """Publish what was validated, but for an issue: its archive appears when it is sent."""
    # Wagtail's models load before ours.
    from wagtail.workflows import publish_workflow_state  # noqa: PLC0415

    from newsletter.models import NewsletterIssuePage  # noqa: PLC0415

    if getattr(workflow_state.content_object, "specific_class", None) is not NewsletterIssuePage:
        publish_workflow_state(workflow_state, user=user)
