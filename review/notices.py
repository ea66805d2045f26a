"""E-mails about reviews: to the people who may approve a step, and to the authors.

To the people who may act, and not to who just did, nor to superusers as such.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.dispatch import receiver
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import override
from wagtail.admin.mail import BaseWorkflowStateEmailNotifier
from wagtail.models import TaskState, WorkflowState
from wagtail.signals import task_rejected, task_submitted
from wagtail.users.models import UserProfile

from core.mail import Reader, register_emails, send_email
from core.models import User
from review.addresses import edit_address
from review.content import canonical_hash
from review.models import Checklist, ReviewState, RevisionRecord
from review.models.wording import name_of
from review.signals import review_approved, review_restarted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wagtail.models import Revision


register_emails(
    *(f"review/{name}" for name in ("approved", "blocked", "rejected", "restarted", "step")),
    reader=Reader.TEAM,
)


@receiver(task_submitted, sender=ReviewState, dispatch_uid="review.notify_step")
def notify_step(instance: ReviewState, user: User | None = None, **kwargs: Any) -> None:
    """Send those who may approve a step the news that it waits for them."""
    others = instance.workflow_state.task_states.exclude(pk=instance.pk)
    previous = others.order_by("pk").last()
    if previous is not None and previous.status == TaskState.STATUS_CANCELLED:
        return  # An edit took the review back: notify_restart has more to report.
    comment = previous.comment if previous and previous.finished_by_id else ""
    _notify_step(instance, user, {"comment": comment})


def _notify_step(state: ReviewState, user: User | None, more: dict[str, Any]) -> None:
    task = state.task.specific
    if not isinstance(task, Checklist):
        return
    candidates = task.candidates(state)
    left_out = {user.pk if user else None, state.workflow_state.requested_by_id}
    left_out |= authors_of(state.revision)
    with override(settings.LANGUAGE_CODE):
        context = {**describe(state), **more}
        if not candidates:
            # Each of these people can take back what they changed.
            context["reason"] = task.describe_candidates(state)
            authors = User.objects.filter(pk__in=authors_of(state.revision))
            send("blocked", authors, context, "submitted")
            return
    send("step", [each for each in candidates if each.pk not in left_out], context, "submitted")


@receiver(review_restarted, dispatch_uid="review.notify_restart")
def notify_restart(
    workflow_state: WorkflowState, voided: Sequence[TaskState], user: User | None, **kwargs: Any
) -> None:
    """Send the news that a review restarted, and why, to the people who may approve it now."""
    state = workflow_state.current_task_state.specific
    task = state.task.specific
    if not voided or not isinstance(task, Checklist):
        return  # Nobody has looked at the words before.
    with override(settings.LANGUAGE_CODE):
        context = {
            **describe(state),
            "editor": name_of(user) if user else "",
            "voided": [f"« {each.task.name} » ({name_of(each.finished_by)})" for each in voided],
        }
    people = {each.pk: each for each in task.candidates(state)}
    people |= {each.finished_by_id: each.finished_by for each in voided if each.finished_by}
    if user:
        people.pop(user.pk, None)
    send("restarted", people.values(), context, "submitted")


@receiver(task_rejected, sender=ReviewState, dispatch_uid="review.notify_rejection")
def notify_rejection(instance: ReviewState, user: User | None = None, **kwargs: Any) -> None:
    """Send those who wrote the reason why changes are asked for."""
    with override(settings.LANGUAGE_CODE):
        context = {**describe(instance), "comment": instance.comment, "reviewer": name_of(user)}
    send("rejected", _writers(instance.workflow_state, instance.revision, user), context)


@receiver(review_approved, dispatch_uid="review.notify_approval")
def notify_approval(
    instance: Any, revision: Revision, workflow_state: WorkflowState, **kwargs: Any
) -> None:
    """Send those who wrote the approvals, with their comments."""
    # Asked now: once the words are public, who writes next starts anew.
    states = workflow_state.task_states.filter(
        status=TaskState.STATUS_APPROVED, revision=revision
    ).order_by("finished_at", "pk")
    last = states.last()
    people = _writers(workflow_state, revision, last.finished_by if last else None)
    with override(settings.LANGUAGE_CODE):
        approvals = [
            {"step": each.task.name, "name": name_of(each.finished_by), "comment": each.comment}
            for each in states.select_related("task", "finished_by")
        ]
        context = {**describe_content(instance, revision), "approvals": approvals}
    send("approved", people, {**context, "is_live": _becomes_live(instance, revision)})


def _becomes_live(instance: Any, revision: Revision) -> bool:
    """Return whether what was approved is published by that, in the same transaction."""
    if not getattr(instance, "is_published_by_review", True):
        return False
    go_live_at = revision.as_object().go_live_at
    return go_live_at is None or go_live_at <= timezone.now()


def _writers(workflow_state: WorkflowState, revision: Revision, user: User | None) -> list[User]:
    """Return who asked for a review or changed the words, but for who acts."""
    keys = authors_of(revision) | {workflow_state.requested_by_id}
    keys -= {None, user.pk if user else None}
    return list(User.objects.filter(pk__in=keys, is_active=True).order_by("pk"))


def authors_of(revision: Revision) -> set[int]:
    """Return the keys of who changed the words of a revision since they were last admitted."""
    records = RevisionRecord.objects.of(revision.base_content_type_id, revision.object_id)
    return records.authors(canonical_hash(revision.content))


def describe(state: TaskState) -> dict[str, Any]:
    """Return what the e-mails about a step show."""
    content = state.workflow_state.content_object
    requested_by = state.workflow_state.requested_by
    return {
        **describe_content(getattr(content, "specific", content), state.revision),
        "step": state.task.name,
        "requested_by": name_of(requested_by) if requested_by else "",
    }


def describe_content(instance: Any, revision: Revision) -> dict[str, Any]:
    """Return what the e-mails show of a page or snippet."""
    return {
        "title": revision.object_str,
        "kind": str(capfirst(instance._meta.verbose_name)),
        "edit_url": edit_address(type(instance), instance.pk),
    }


def send(name: str, people: Iterable[User], context: dict[str, Any], preference: str = "") -> None:
    """Send an e-mail to each of some people, in the transaction of what it announces.

    Args:
        name: below ``emails/review/``.
        people: those who left such e-mails on, in their account.
        context: what the template needs.
        preference: the setting of the account that it follows; the name by default.
    """
    wanted = f"{preference or name}_notifications"
    readers = {
        person.email: person
        for person in people
        if person.is_active and person.email and getattr(UserProfile.get_for_user(person), wanted)
    }
    for address, person in sorted(readers.items()):
        send_email(f"review/{name}", address, context, settings.LANGUAGE_CODE, about=person)


def patch_wagtail_notifications() -> None:
    """Patch Wagtail to send no e-mails of its own about our reviews."""
    can_handle = BaseWorkflowStateEmailNotifier.can_handle

    def can_handle_others(
        self: BaseWorkflowStateEmailNotifier, instance: Any, **kwargs: Any
    ) -> bool:
        ours = ReviewState.objects.filter(workflow_state=instance)
        return bool(can_handle(self, instance, **kwargs)) and not ours.exists()

    BaseWorkflowStateEmailNotifier.can_handle = can_handle_others
