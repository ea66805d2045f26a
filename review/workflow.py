"""The workflow « Relecture PARÉ »: which one it is, and what went through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from wagtail.models import TaskState, Workflow, WorkflowState

from review.content import canonical_hash
from review.models import Checklist, EditorialReview, ReviewState, Validation
from review.provenance import content_type_of
from review.records import authors_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model, QuerySet
    from wagtail.models import Revision

    from core.models import User

WORKFLOW = "Relecture PARÉ"


def review_workflow() -> Workflow | None:
    """Return the active workflow that ends with a validation."""
    found: Workflow | None = Workflow.objects.filter(
        active=True, workflow_tasks__task__in=Validation.objects.filter(active=True)
    ).first()
    return found


def explain_step(instance: Any, user: User | AnonymousUser) -> str | None:
    """Return why a user may not approve the step at which a page or snippet is, if so."""
    state = instance.current_workflow_task_state
    task = instance.current_workflow_task
    if state is None or not isinstance(task, Checklist):
        return None
    state.revision = instance.get_latest_revision() or state.revision
    return task.refusal(state, user)


def approvals(instance: Model, content_hash: str) -> QuerySet[ReviewState]:
    """Return the approvals of these very words, each with its checklist ticked."""
    # Of the same workflow or of an earlier one that was cancelled: only a finished one counts.
    return ReviewState.objects.filter(
        ~Q(ticked=[]),
        status=TaskState.STATUS_APPROVED,
        content_hash=content_hash,
        finished_by__isnull=False,
        workflow_state__base_content_type=content_type_of(instance),
        workflow_state__object_id=str(instance.pk),
        workflow_state__status=WorkflowState.STATUS_APPROVED,
    )


def approved_pairs(instance: Model, content_hash: str) -> list[tuple[int, int]]:
    """Return who approved these words: the reviewer and the validator, two people each time.

    The validator changed none of them since they were last admitted.
    """
    types = ContentType.objects.get_for_models(EditorialReview, Validation)
    columns = ("workflow_state_id", "finished_by_id", "task__content_type_id")
    steps = list(approvals(instance, content_hash).values_list(*columns))
    first, second = (
        [(state, user) for state, user, task in steps if task == types[each].pk]
        for each in (EditorialReview, Validation)
    )
    if not first or not second:
        return []
    authors = authors_of(instance, content_hash)
    return [
        (reviewer, validator)
        for state, validator in second
        for other_state, reviewer in first
        if state == other_state and reviewer != validator and validator not in authors
    ]


def approval_comments(instance: Model, content_hash: str) -> str:
    """Return what reviewers wrote when they approved these words."""
    comments = approvals(instance, content_hash).order_by("finished_at", "pk")
    return "\n\n".join(filter(None, comments.values_list("comment", flat=True)))


def passed_review(revision: Revision) -> bool:
    """Return whether both steps of the review approved the words of a revision."""
    return bool(approved_pairs(revision.content_object, canonical_hash(revision.content)))
