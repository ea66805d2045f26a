"""The tasks of « Relecture PARÉ », and who may approve each."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.messages import ERROR
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils.text import get_text_list
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, TaskState, WorkflowState

from core.models import User
from review.content import canonical_hash
from review.feedback import report
from review.models.locks import ReviewLock
from review.models.records import RevisionRecord, words_of
from review.models.wording import describe_changes, name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.contrib.auth.models import AnonymousUser


class ReviewRefused(PermissionDenied):
    """A step can't be approved or rejected; the message has why, for people."""


class ReviewState(TaskState):
    """A step of a review: what was ticked to approve it, and the words that were approved."""

    ticked = models.JSONField(_("points vérifiés"), default=list)
    content_hash = models.CharField(
        _("empreinte de ce qui est approuvé"), max_length=64, blank=True, db_index=True
    )
    reminded_at = models.DateTimeField(_("relance envoyée le"), null=True, blank=True)

    # Wagtail's own fields, which mypy meets too late.
    if TYPE_CHECKING:
        revision: Any
        workflow_state: Any

    class Meta:
        verbose_name = _("étape de relecture")
        verbose_name_plural = _("étapes de relecture")
        default_permissions = ()

    @transaction.atomic
    def approve(
        self, user: User | None = None, update: bool = True, comment: str = "", **given: Any
    ) -> ReviewState:
        """Approve the words as they are now, once every point of the checklist is ticked.

        Args:
            user: who approves.
            update: whether the workflow goes on to its next task.
            comment: for the history.
            **given: the fields of the checklist (``point_0``, …), each true.

        Raises:
            ReviewRefused: a point is missing, or this person may not approve.
        """
        task = self._lock(given)
        content_hash = canonical_hash(self.revision.content)
        # Saved anew without a change, it is still what the step before approved.
        self.workflow_state.task_states.filter(
            status=TaskState.STATUS_APPROVED, reviewstate__content_hash=content_hash
        ).update(revision=self.revision)
        reason = task.refusal(self, user)
        if reason:
            raise ReviewRefused(reason)
        points = task.points()
        if not all(given.get(f"point_{number}") for number in range(len(points))):
            raise ReviewRefused(_("Tous les points de la liste doivent être vérifiés."))
        self.ticked, self.content_hash = points, content_hash
        super().approve(user=user, update=update, comment=comment)
        return self

    @transaction.atomic
    def reject(
        self, user: User | None = None, update: bool = True, comment: str = "", **given: Any
    ) -> ReviewState:
        """Ask for changes, with the reason.

        Raises:
            ReviewRefused: somebody else was faster.
        """
        self._lock(given)
        super().reject(user=user, update=update, comment=comment)
        return self

    def _lock(self, given: dict[str, Any]) -> Checklist:
        """Wait for others who act on this review, and read it as they leave it."""
        state = self.workflow_state
        # Its row first, as whoever saves it does: both in another order would wait for each other.
        rows = state.base_content_type.model_class()._base_manager
        rows.select_for_update().filter(pk=state.object_id).first()
        self.workflow_state = WorkflowState.objects.select_for_update().get(pk=state.pk)
        now = ReviewState.objects.select_related("finished_by").get(pk=self.pk)
        task: Checklist = self.task.specific
        if now.status != TaskState.STATUS_IN_PROGRESS:
            raise ReviewRefused(describe_end(now))
        # The page editor acts on the step at which the content is once it has saved it.
        if given.get("step") and int(given["step"]) != task.pk:
            raise ReviewRefused(
                _(
                    "Ce contenu a été modifié : la relecture a repris à « %(step)s ». Rien n'est "
                    "approuvé ; relisez-le à cette étape."
                )
                % {"step": task.name}
            )
        self.status = now.status
        self.revision = self.workflow_state.content_object.get_latest_revision()
        return task


def describe_end(state: ReviewState) -> str:
    """Return what became of a step that waits no longer."""
    values = {"step": state.task.name, "name": name_of(state.finished_by)}
    if state.status == TaskState.STATUS_APPROVED:
        return gettext("« %(step)s » vient d'être approuvée par %(name)s.") % values
    if state.status == TaskState.STATUS_REJECTED:
        return gettext("%(name)s vient de demander des modifications.") % values
    return gettext(
        "Ce contenu a été modifié ou retiré de la relecture depuis que vous l'avez ouvert. "
        "Relisez-le tel qu'il est maintenant."
    )


class Checklist(AbstractGroupApprovalTask):
    """A step that some groups approve, point by point."""

    checklist = models.TextField(
        _("points à vérifier"),
        help_text=_("Un par ligne. Chacun doit être coché pour approuver."),
    )

    admin_form_fields: ClassVar[list[str]] = [
        *AbstractGroupApprovalTask.admin_form_fields,
        "checklist",
    ]
    task_state_class = ReviewState
    lock_class = ReviewLock

    class Meta:
        abstract = True

    def points(self) -> list[str]:
        """Return the points, in their order."""
        return [line.strip() for line in self.checklist.splitlines() if line.strip()]

    def start(self, workflow_state: WorkflowState, user: User | None = None) -> TaskState:
        """Start this step, or the first before it that nobody approved for these words.

        Wagtail resumes a review where it was rejected, even when the words changed since.
        """
        first = workflow_state.get_next_task()
        if first is not None and first.pk != self.pk and self._comes_after(first, workflow_state):
            state: TaskState = first.specific.start(workflow_state, user=user)
        else:
            state = super().start(workflow_state, user=user)
        return state

    def _comes_after(self, other: Any, workflow_state: WorkflowState) -> bool:
        order = list(workflow_state.workflow.tasks.values_list("pk", flat=True))
        return (
            self.pk in order and other.pk in order and order.index(self.pk) > order.index(other.pk)
        )

    def reasons_against(self, state: TaskState) -> dict[int, str]:
        """Return why members of the groups may not approve a step, by their keys."""
        return self.reasons_against_each([state])[state.pk]

    def reasons_against_each(self, states: Sequence[TaskState]) -> dict[int, dict[int, str]]:
        """Return the same of several steps, by the key of each, in a constant number of queries."""
        return {state.pk: {} for state in states}

    def refusal(self, state: TaskState, user: User | AnonymousUser | None) -> str | None:
        """Return why a user may not approve a step, with what to do next; ``None`` if they may."""
        if user is None or not user.is_active or not (user.is_superuser or self.is_for(user)):
            groups = [group.name for group in self.groups.all()]
            return gettext("« %(step)s » est confiée à : %(groups)s.") % {
                "step": self.name,
                "groups": ", ".join(groups),
            }
        reason = self.reasons_against(state).get(user.pk)
        return f"{reason} {self.describe_candidates(state)}" if reason else None

    def is_for(self, user: User | AnonymousUser) -> bool:
        """Return whether a user is in one of the groups of this step."""
        return bool(self._user_in_groups(user))

    def candidates(self, state: TaskState) -> list[User]:
        """Return who may approve a step now, superusers as such left out."""
        members = User.objects.filter(groups__in=self.groups.all(), is_active=True)
        refused = self.reasons_against(state)
        return list(members.exclude(pk__in=refused).distinct().order_by("last_name", "pk"))

    def describe_candidates(self, state: TaskState) -> str:
        """Return who may approve a step now, or why nobody may and what to do."""
        names = [name_of(user) for user in self.candidates(state)]
        if names:
            people = get_text_list(names, gettext("ou"))
            return gettext("Peut approuver : %(people)s.") % {"people": people}
        values = {
            "groups": get_text_list([group.name for group in self.groups.all()], gettext("ou")),
            "changes": " ; ".join(describe_changes(state)),
        }
        if not values["changes"]:
            return gettext("Il faut une autre personne de : %(groups)s.") % values
        return (
            gettext(
                "Plus personne ne peut approuver cette étape : %(changes)s. Une de ces personnes "
                "peut reprendre ses modifications depuis l'éditeur, ou il faut une autre personne "
                "de : %(groups)s."
            )
            % values
        )

    def on_action(
        self, task_state: ReviewState, user: User, action_name: str, **kwargs: Any
    ) -> None:
        """Approve or reject a step; where there is a screen, it shows why not.

        Raises:
            ReviewRefused: this person may not, or it is too late, and there is no screen.
        """
        try:
            super().on_action(task_state, user, action_name, **kwargs)
        except ReviewRefused as refusal:
            if not report(ERROR, str(refusal)):
                raise

    def get_actions(self, obj: Any, user: User) -> list[tuple[str, Any, bool]]:
        """Return the actions that a user may take: never approval without the form."""
        if not (user.is_superuser or self.is_for(user)):
            return []
        actions: list[tuple[str, Any, bool]] = [("reject", _("Demander des modifications"), True)]
        state = obj.current_workflow_task_state
        if state is None or state.task_id != self.pk:
            return actions
        state.revision = obj.get_latest_revision() or state.revision
        if self.refusal(state, user) is None:
            actions.append(("approve", _("Approuver"), True))
        return actions

    def get_form_for_action(self, action: str) -> type[forms.Form]:
        """Return the form of an action: the checklist, or the reason of a refusal."""
        comment = forms.CharField(
            label=_("Commentaire"),
            required=action == "reject",
            widget=forms.Textarea({"rows": 2}),
            help_text=_(
                "Envoyé à qui a écrit ce contenu, et au partenaire si c'est une contribution."
            ),
        )
        fields: dict[str, Any] = {"comment": comment}
        if action == "approve":
            points = enumerate(self.points())
            fields = {
                **{f"point_{number}": forms.BooleanField(label=text) for number, text in points},
                **fields,
            }
        fields["step"] = forms.IntegerField(
            initial=self.pk, required=False, widget=forms.HiddenInput
        )
        return type("ChecklistForm", (forms.Form,), fields)

    def get_task_states_user_can_moderate(self, user: User, **kwargs: Any) -> Any:
        """Return the steps that wait for a user, without those refused to them."""
        states = super().get_task_states_user_can_moderate(user, **kwargs)
        if not (user.is_active and (user.is_superuser or self.is_for(user))):
            return states.none()
        reasons = self.reasons_against_each(states.select_related("revision", "workflow_state"))
        return states.exclude(pk__in=[key for key, each in reasons.items() if user.pk in each])


class EditorialReview(Checklist):
    """First look: is it true, clear, safe to publish? An edit is no reason against it."""

    class Meta:
        verbose_name = _("relecture éditoriale")
        verbose_name_plural = _("relectures éditoriales")

    @classmethod
    def get_description(cls) -> str:
        return str(_("Une personne des groupes choisis relit, point par point."))


class Validation(Checklist):
    """Second look, by someone who wrote none of it and did not take the first (four eyes)."""

    class Meta:
        verbose_name = _("validation")
        verbose_name_plural = _("validations")

    @classmethod
    def get_description(cls) -> str:
        return str(_("Une autre personne que celles qui ont relu ou modifié valide."))

    def reasons_against_each(self, states: Sequence[TaskState]) -> dict[int, dict[int, str]]:
        """Return why authors and earlier approvers may not validate."""
        states = list(states)
        words = {state.pk: words_of(state.revision) for state in states}
        approvers: dict[tuple[int, str], list[ReviewState]] = defaultdict(list)
        for approver in ReviewState.objects.filter(
            workflow_state__in={state.workflow_state_id for state in states},
            status=TaskState.STATUS_APPROVED,
            finished_by__isnull=False,
        ).select_related("task"):
            approvers[approver.workflow_state_id, approver.content_hash].append(approver)
        authors = RevisionRecord.objects.authors_of_each(words.values())
        why_not = gettext(
            "Vous avez modifié ce contenu : c'est à une personne qui n'en a rien écrit "
            "de le valider."
        )
        return {
            state.pk: _describe_approvers(
                each
                for each in approvers[state.workflow_state_id, words[state.pk][1]]
                if each.pk != state.pk
            )
            | dict.fromkeys(authors[words[state.pk]], why_not)
            for state in states
        }


def _describe_approvers(approvers: Iterable[ReviewState]) -> dict[int, str]:
    return {
        each.finished_by_id: gettext(
            "Vous avez approuvé « %(step)s » : c'est à une autre personne de valider."
        )
        % {"step": each.task.name}
        for each in approvers
    }
