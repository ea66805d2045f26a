"""From a contribution to a draft of the right type, under the right parent, in review.

A kind whose app is not installed has no builder and makes no draft: the team answers it by hand.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from wagtail.models import WorkflowState

from contributions import lifecycle
from contributions.library import import_files
from contributions.models import ContributionState, FileState
from contributions.submissions import content_of
from core.drafts import DRAFT_BUILDERS, DraftBuilder
from review.actors import acting
from review.provenance import mark_external
from review.workflow import review_workflow

if TYPE_CHECKING:
    from wagtail.models import Page

    from contributions.models import Contribution
    from core.drafts import ImportedFiles
    from core.models import User


logger = logging.getLogger(__name__)

IN_VERIFICATION = _(
    "Un fichier est encore en vérification : le brouillon se prépare une fois qu'elle est finie, "
    "en général dans la minute. Rien n'est perdu, réessayez."
)


class DraftNotPossible(Exception):
    """No draft can be made of a contribution now; the message has the reason."""


def builder_of(contribution: Contribution) -> DraftBuilder[Any] | None:
    """Return the builder of its drafts, or ``None`` for a kind without one."""
    return DRAFT_BUILDERS.get(contribution.kind)


@transaction.atomic
def make_draft(contribution: Contribution, user: User, parent: Page | None = None) -> Any:
    """Build or rebuild the draft of a contribution, and submit it to the review.

    Args:
        contribution: received, or amended since.
        user: who of the team does it; the draft is theirs until someone edits it.
        parent: the page under which it goes; the first that fits by default.

    Raises:
        DraftNotPossible: something is missing; the message has what.
        InvalidTransition: it is not in a state for that.
    """
    builder = builder_of(contribution)
    workflow = review_workflow()
    if builder is None:
        raise DraftNotPossible(_("Cette nature de contribution ne fait pas de brouillon."))
    if workflow is None:
        raise DraftNotPossible(_("Le circuit de relecture n'est pas actif."))
    contribution = lifecycle.transition(contribution, ContributionState.IN_REVIEW, user=user)
    # Under the lock of the contribution: its partner adds no file meanwhile.
    if contribution.files.filter(state=FileState.CHECKING).exists():
        raise DraftNotPossible(IN_VERIFICATION)
    cancel_review(contribution, user)
    try:
        files = import_files(contribution, user)
    except OSError as error:
        logger.exception("The files of contribution %s can't be copied.", contribution.pk)
        raise DraftNotPossible(
            _(
                "Un fichier de cet envoi n'est plus sur le serveur, ou n'a pas pu être copié. "
                "Réessayez, ou demandez-le de nouveau à la personne qui l'a envoyé."
            )
        ) from error
    draft: Any = contribution.live_draft()
    if draft is None or draft.live:
        draft = _create(builder, contribution, files, parent)
    else:
        draft = draft.get_latest_revision_as_object()
        builder.fill(draft, content_of(contribution), files)
        _save(draft)
    mark = mark_external(draft)
    contribution.draft_type, contribution.draft_id = draft.get_content_type(), str(draft.pk)
    contribution.assignee = contribution.assignee or user
    contribution.save(update_fields=["draft_type", "draft_id", "assignee", "updated_at"])
    # Its words are the partner's: who prepares it has written none of them.
    with acting(system="contribution"):
        draft.save_revision(user=user, clean=False, log_action=True)
    workflow.start(draft, user)
    lifecycle.log_event(contribution, "draft", user=user, mark=mark.pk)
    return draft


def _create(
    builder: DraftBuilder[Any],
    contribution: Contribution,
    files: ImportedFiles,
    parent: Page | None,
) -> Any:
    draft = builder.new()
    content = content_of(contribution)
    if builder.parent_model is None:
        builder.fill(draft, content, files)
        draft.save()
        return draft
    parent = parent or next(iter(builder.parents()), None)
    if parent is None:
        raise DraftNotPossible(
            _("Il manque la rubrique où ranger ce brouillon. Créez-la d'abord dans « Pages ».")
        )
    draft.locale = parent.locale
    builder.fill(draft, content, files)
    try:
        parent.add_child(instance=draft)
    except ValidationError as error:
        raise DraftNotPossible(" ".join(error.messages)) from error
    return draft


def _save(draft: Any) -> None:
    try:
        draft.save()
    except ValidationError as error:
        raise DraftNotPossible(" ".join(error.messages)) from error


def cancel_review(contribution: Contribution, user: User | None) -> None:
    """Cancel the review in progress and any schedule of the draft."""
    draft: Any = contribution.live_draft()
    if draft is None:
        return
    for state in WorkflowState.objects.active().for_instance(draft):
        state.cancel(user=user)
    draft.revisions.filter(approved_go_live_at__isnull=False).update(approved_go_live_at=None)
