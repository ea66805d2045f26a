"""The review « Relecture PARÉ »: its two tasks, and what they guard."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import AbstractGroupApprovalTask, Revision, TaskState

from review.content import canonical_hash

if TYPE_CHECKING:
    from core.models import User


BOOKKEEPING = frozenset({"latest_revision", "latest_revision_created_at"})
BLOCK_KEY = re.compile(r' data-block-key=\\*"[^"\\]*\\*"')
"""What the editor adds to each paragraph of rich text (DraftJS)."""
FURTHEST = 50


def same_as(revision: Revision) -> list[Revision]:
    """Return a revision and those just before it of equal content, latest first.

    The page editor saves a revision with each approval, even where nobody
    changed a word; that is no edit.
    """
    before = Revision.objects.filter(
        base_content_type_id=revision.base_content_type_id,
        object_id=revision.object_id,
        created_at__lte=revision.created_at,
    ).order_by("-created_at", "-pk")
    data = _comparable_content(revision)
    run = [revision]
    for other in before.exclude(pk=revision.pk)[:FURTHEST]:
        if _comparable_content(other) != data:
            break
        run.append(other)
    return run


def author_of(revision: Revision) -> int | None:
    """Return the key of the user who last changed the content of a revision."""
    key: int | None = same_as(revision)[-1].user_id
    return key


def _comparable_content(revision: Revision) -> str:
    kept = {name: value for name, value in revision.content.items() if name not in BOOKKEEPING}
    return BLOCK_KEY.sub("", json.dumps(kept, sort_keys=True, cls=DjangoJSONEncoder))


class ExternalContent(models.Model):
    """The mark of a page or snippet that holds something from outside.

    It needs the whole review while ``is_pending``, which falls when reviewed
    words become public and rises again when something else comes from outside.
    """

    content_type = models.ForeignKey(
        ContentType,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("Le type de base, sous lequel les versions sont rangées."),
    )
    object_id = models.CharField(max_length=40)
    translation_key = models.UUIDField(null=True, blank=True, db_index=True)
    is_pending = models.BooleanField(default=True)
    is_suspended = models.BooleanField(
        default=False,
        help_text=_("Retiré ou repris par son auteur : ce qui est approuvé ne l'est plus."),
    )

    class Meta:
        verbose_name = _("contenu venu de l'extérieur")
        verbose_name_plural = _("contenus venus de l'extérieur")
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["content_type", "object_id"], name="external_content_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.content_type} {self.object_id}"


class ReviewState(TaskState):
    """A step of a review, with what was ticked to approve it."""

    ticked = models.JSONField(_("points vérifiés"), default=list)
    content_hash = models.CharField(
        _("empreinte de ce qui est approuvé"), max_length=64, blank=True, db_index=True
    )

    class Meta:
        verbose_name = _("étape de relecture")
        verbose_name_plural = _("étapes de relecture")
        default_permissions = ()

    @transaction.atomic
    def approve(
        self, user: User | None = None, update: bool = True, comment: str = "", **ticks: Any
    ) -> ReviewState:
        """Approve the latest revision, once every point of the checklist is ticked.

        Args:
            user: who approves.
            update: whether the workflow goes on to its next task.
            comment: for the history.
            **ticks: the fields of the checklist (``point_0``, …), each true.

        Raises:
            PermissionDenied: a point is missing, or this person may not approve.
        """
        task = self.task.specific
        # Someone may have edited since this step began: what is approved is what is there.
        self.revision = self.workflow_state.content_object.get_latest_revision()
        # Saved anew without a change, it is still what the step before approved.
        self.workflow_state.task_states.filter(
            status=TaskState.STATUS_APPROVED, revision__in=same_as(self.revision)
        ).update(revision=self.revision)
        if user is None or not task.may_approve(self, user):
            raise PermissionDenied(_("Cette étape doit être approuvée par une autre personne."))
        points = task.points()
        if not all(ticks.get(f"point_{number}") for number in range(len(points))):
            raise PermissionDenied(_("Tous les points de la liste doivent être vérifiés."))
        self.ticked = points
        self.content_hash = canonical_hash(self.revision.content)
        super().approve(user=user, update=update, comment=comment)
        return self


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

    class Meta:
        abstract = True

    def points(self) -> list[str]:
        """Return the points, in their order."""
        return [line.strip() for line in self.checklist.splitlines() if line.strip()]

    def may_approve(self, state: ReviewState, user: User) -> bool:
        """Return whether a user may approve this step."""
        return bool(user.is_active and (user.is_superuser or self._user_in_groups(user)))

    def get_actions(self, obj: Any, user: User) -> list[tuple[str, Any, bool]]:
        """Return the actions that a user may take: never approval without the form."""
        if not (user.is_superuser or self._user_in_groups(user)):
            return []
        actions: list[tuple[str, Any, bool]] = [("reject", _("Demander des modifications"), True)]
        state = obj.current_workflow_task_state
        if state is None or state.task_id != self.pk:
            return actions
        state.revision = obj.get_latest_revision() or state.revision
        if self.may_approve(state, user):
            actions.append(("approve", _("Approuver"), True))
        return actions

    def get_form_for_action(self, action: str) -> type[forms.Form]:
        """Return the form of an action: the checklist, or the reason of a refusal."""
        comment = forms.CharField(
            label=_("Commentaire"),
            required=action == "reject",
            widget=forms.Textarea({"rows": 2}),
        )
        fields: dict[str, Any] = {"comment": comment}
        if action == "approve":
            points = enumerate(self.points())
            fields = {
                **{f"point_{number}": forms.BooleanField(label=text) for number, text in points},
                **fields,
            }
        return type("ChecklistForm", (forms.Form,), fields)

    def get_task_states_user_can_moderate(self, user: User, **kwargs: Any) -> Any:
        """Return the steps that wait for a user, without those refused to them."""
        states = super().get_task_states_user_can_moderate(user, **kwargs)
        refused = [s.pk for s in states.specific() if not self.may_approve(s, user)]
        return states.exclude(pk__in=refused)


class EditorialReview(Checklist):
    """First look: is it true, clear, safe to publish?"""

    class Meta:
        verbose_name = _("relecture éditoriale")
        verbose_name_plural = _("relectures éditoriales")

    @classmethod
    def get_description(cls) -> str:
        return str(_("Une personne des groupes choisis relit, point par point."))


class Validation(Checklist):
    """Second look, by someone else than who reviewed or last edited (four eyes)."""

    class Meta:
        verbose_name = _("validation")
        verbose_name_plural = _("validations")

    @classmethod
    def get_description(cls) -> str:
        return str(_("Une autre personne que celle qui a relu ou modifié en dernier valide."))

    def may_approve(self, state: ReviewState, user: User) -> bool:
        """Return whether a user may approve: neither the last author nor the first approver."""
        if not super().may_approve(state, user):
            return False
        if author_of(state.revision) == user.pk:
            return False
        return not state.workflow_state.task_states.filter(
            status=TaskState.STATUS_APPROVED,
            revision__in=same_as(state.revision),
            finished_by=user,
        ).exists()
