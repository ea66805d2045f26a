"""What saving does to a review that is under way: an edit takes it back to its first step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from wagtail.models import TaskState, WorkflowMixin, WorkflowState

from review.actors import current_actor
from review.content import canonical_hash
from review.provenance import content_type_of
from review.records import records_of
from review.signals import review_restarted

if TYPE_CHECKING:
    from django.db.models import Model
    from wagtail.models import Revision

    from core.models import User


@transaction.atomic
def begin(instance: WorkflowMixin, user: User | None) -> None:
    """Submit a page or snippet for review, or again where changes were asked for.

    Nothing begins while a review goes on: it follows what is saved.

    Args:
        instance: its latest revision is what is reviewed.
        user: who submits; nobody of the team, for what comes by a link.
    """
    state = instance.current_workflow_state
    workflow = instance.get_workflow()
    if state is not None and state.status == WorkflowState.STATUS_NEEDS_CHANGES:
        state.resume(user)
    elif state is None and workflow is not None:
        workflow.start(instance, user)


@transaction.atomic
def follow_save(instance: Model, revision: Revision) -> None:
    """Have the review of a page or snippet go on with its new revision, or start again.

    Saved without a change, what is approved stays approved. Other words are approved by
    nobody.
    """
    if not isinstance(instance, WorkflowMixin):
        return
    state = (
        WorkflowState.objects.active()
        .select_for_update()
        .filter(base_content_type=content_type_of(instance), object_id=str(instance.pk))
        .first()
    )
    if state is None or state.current_task_state is None:
        return
    before = state.current_task_state.revision
    if before.pk == revision.pk:
        return
    if canonical_hash(before.content) == canonical_hash(revision.content):
        state.task_states.filter(revision=before).update(revision=revision)
    elif state.status == WorkflowState.STATUS_IN_PROGRESS:
        _restart(state, revision)


def _restart(state: WorkflowState, revision: Revision) -> None:
    """Begin a review again, at the first step that nobody approved for the words as they are."""
    step = state.current_task_state
    approved = state.task_states.filter(status=TaskState.STATUS_APPROVED, revision=step.revision)
    voided = list(approved.select_related("task", "finished_by").order_by("finished_at"))
    actor = current_actor()
    user = revision.user or (actor.user if actor else None)
    # Words that are put back are approved as they were.
    state.task_states.filter(
        status=TaskState.STATUS_APPROVED,
        reviewstate__content_hash=canonical_hash(revision.content),
    ).update(revision=revision)
    step.specific.cancel(user=user)
    state.refresh_from_db()
    review_restarted.send(
        sender=type(state.content_object), workflow_state=state, voided=voided, user=user
    )


def words_before(instance: Model, user: User) -> Revision | None:
    """Return the last revision before a user changed the words of a page or snippet.

    Since they were last admitted; ``None`` where that revision is not kept any more.
    """
    known = records_of(instance)
    admitted = known.last_admitted()
    records = list(known.select_related("revision"))
    start = records.index(admitted) + 1 if admitted else 1
    for number in range(start, len(records)):
        if records[number].changed and records[number].user_id == user.pk:
            return records[number - 1].revision
    return None
