"""What follows a review: a setting names it, which Wagtail reads while its own models load."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from review.signals import review_approved

if TYPE_CHECKING:
    from wagtail.models import WorkflowState

    from core.models import User


def finish_review(workflow_state: WorkflowState, user: User | None = None) -> None:
    """Publish what was approved as the act of its review, whatever right each approver has alone.

    A model that becomes public in another way has ``is_published_by_review = False``.
    """
    content: Any = workflow_state.content_object
    content = getattr(content, "specific", content)
    revision = content.get_latest_revision()
    approved = workflow_state.task_states.filter(status="approved", revision=revision)
    review_approved.send(
        sender=type(content),
        instance=content,
        revision=revision,
        workflow_state=workflow_state,
        approvers=[state.finished_by for state in approved.order_by("finished_at", "pk")],
    )
    if getattr(content, "is_published_by_review", True):
        # Approving is right enough: who validated need not be one who publishes.
        revision.publish(user=user, skip_permission_checks=True)
