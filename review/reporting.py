"""Reports of each step for the screen: what happened, and who is next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.messages import SUCCESS, WARNING
from django.dispatch import receiver
from django.utils.translation import gettext as _
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import task_approved, task_rejected

from review.feedback import report
from review.models import Checklist, ReviewState
from review.models.wording import name_of
from review.signals import review_restarted

if TYPE_CHECKING:
    from collections.abc import Sequence


@receiver(task_approved, sender=ReviewState, dispatch_uid="review.report_approval")
def report_approval(instance: ReviewState, **kwargs: Any) -> None:
    """Report what an approval did, and who is next."""
    state = WorkflowState.objects.get(pk=instance.workflow_state_id)
    values = {"step": instance.task.name, "title": instance.revision.object_str}
    following = state.current_task_state
    if state.status != WorkflowState.STATUS_APPROVED and following is not None:
        task = following.task.specific
        values |= {"next": task.name, "people": ""}
        if isinstance(task, Checklist):
            values["people"] = task.describe_candidates(following)
        text = _(
            "Vous avez approuvé « %(step)s » de « %(title)s ». Étape suivante : « %(next)s ». "
            "%(people)s"
        )
    elif state.content_object.live and not state.content_object.has_unpublished_changes:
        text = _("Vous avez approuvé « %(step)s » : « %(title)s » est en ligne.")
    elif getattr(state.content_object, "go_live_at", None):
        text = _("Vous avez approuvé « %(step)s » : « %(title)s » sera en ligne à la date prévue.")
    else:
        text = _("Vous avez approuvé « %(step)s » : la relecture de « %(title)s » est terminée.")
    report(SUCCESS, text % values)


@receiver(task_rejected, sender=ReviewState, dispatch_uid="review.report_rejection")
def report_rejection(instance: ReviewState, **kwargs: Any) -> None:
    """Report that changes are asked for, and who knows."""
    requested_by = instance.workflow_state.requested_by
    values = {"title": instance.revision.object_str, "name": name_of(requested_by)}
    text = _("Des modifications sont demandées pour « %(title)s ».")
    if requested_by is not None:
        text = _("Des modifications sont demandées pour « %(title)s » : %(name)s est au courant.")
    report(SUCCESS, text % values)


@receiver(review_restarted, dispatch_uid="review.report_restart")
def report_restart(
    workflow_state: WorkflowState, voided: Sequence[TaskState], **kwargs: Any
) -> None:
    """Report, to who edited, which approvals count no more."""
    if not voided:
        return
    given = [f"« {each.task.name} » ({name_of(each.finished_by)})" for each in voided]
    report(
        WARNING,
        _(
            "Personne n'a approuvé ces nouveaux mots : la relecture reprend à « %(step)s ». N'est "
            "plus approuvé : %(given)s."
        )
        % {"step": workflow_state.current_task_state.task.name, "given": ", ".join(given)},
    )
