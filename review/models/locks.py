"""The message of the editor above a content under review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from wagtail.locks import WorkflowLock
from wagtail.models import TaskState

from review.content import canonical_hash
from review.models.records import RevisionRecord
from review.models.wording import name_of

if TYPE_CHECKING:
    from core.models import User


class ReviewLock(WorkflowLock):
    """Explains, before anything is saved, which step waits, and the effect of an edit."""

    def get_message(self, user: User) -> SafeString | None:
        """Return which step waits, who may take it, and what an edit would undo."""
        state = self.object.current_workflow_task_state
        if state is None:
            return None
        state.revision = self.object.get_latest_revision() or state.revision
        waiting = _("Étape en cours : « %(step)s ».") % {"step": self.task.name}
        if self.for_user(user):
            candidates = self.task.describe_candidates(state)
            locked = _("Vous ne pouvez pas modifier ce contenu pendant cette étape.")
            return format_html("<b>{}</b> {} {}", waiting, candidates, locked)
        reason = self.task.refusal(state, user) or _("Vous pouvez approuver, en bas de l'écran.")
        return format_html(
            "<b>{}</b> {} {} {}", waiting, reason, self._take_back(state, user), self._loss(state)
        )

    def _take_back(self, state: TaskState, user: User) -> str:
        """Return the link by which an author takes her words back, when nobody else is left."""
        revision = state.revision
        records = RevisionRecord.objects.of(revision.base_content_type_id, revision.object_id)
        is_author = user.pk in records.authors(canonical_hash(revision.content))
        if not is_author or self.task.candidates(state):
            return ""
        url = reverse("review_take_back", args=[revision.base_content_type_id, revision.object_id])
        return format_html('<a href="{}">{}</a>', url, _("Reprendre mes modifications"))

    def _loss(self, state: TaskState) -> str:
        """Return which approvals an edit would undo."""
        approved = state.workflow_state.task_states.filter(
            status=TaskState.STATUS_APPROVED, revision=state.revision
        ).select_related("task", "finished_by")
        if not approved:
            return ""
        given = [f"« {each.task.name} » ({name_of(each.finished_by)})" for each in approved]
        return _(
            "Modifier le contenu reprend la relecture depuis le début et annule : %(given)s."
        ) % {"given": ", ".join(given)}
