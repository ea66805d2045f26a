"""What comes from outside is published once two people have reviewed it, and not before.

This is asked of the database at the moment of publishing, whatever the way
there: an editor's button, a bulk action, an API token, a schedule, a script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import TaskState, WorkflowState

from contributions.models import (
    Contribution,
    ContributionState,
    EditorialReview,
    OutsideContent,
    ReviewState,
    Validation,
)
from contributions.models.reviewing import author_of

if TYPE_CHECKING:
    from django.db.models import Model
    from wagtail.models import Revision

WORKFLOW = "Relecture PARÉ"
DIRECTION, COORDINATION, REVIEW, PARTNERS = "Direction", "Coordination", "Relecture", "Partenaires"
UNREVIEWED = _(
    "Ce contenu vient de l'extérieur : il doit passer la relecture puis la validation, par deux "
    "personnes différentes, avant d'être publié."
)


def is_partner(user: Any) -> bool:
    """Return whether a user is a partner, and no member of the team."""
    names = set(user.groups.values_list("name", flat=True))
    return names == {PARTNERS} and not user.is_superuser


def content_type_of(instance: Model) -> ContentType:
    """Return the type under which revisions and workflows know an object."""
    if hasattr(instance, "get_base_content_type"):
        found: ContentType = instance.get_base_content_type()
        return found
    return ContentType.objects.get_for_model(instance, for_concrete_model=False)


def mark_outside(instance: Model, contribution: Contribution | None = None) -> OutsideContent:
    """Mark an object as holding external content that nobody has reviewed yet."""
    values: dict[str, object] = {"is_pending": True}
    if contribution is not None:
        values["contribution"] = contribution
    return OutsideContent.objects.update_or_create(
        content_type=content_type_of(instance), object_id=str(instance.pk), defaults=values
    )[0]


def pending(instance: Model) -> OutsideContent | None:
    """Return the mark of an object that holds unreviewed external content."""
    return (
        OutsideContent.objects.filter(
            content_type=content_type_of(instance), object_id=str(instance.pk), is_pending=True
        )
        .select_related("contribution")
        .first()
    )


def is_reviewed(outside: OutsideContent, revision: Revision | None) -> bool:
    """Return whether this very revision went through the whole review.

    Its contribution is still under review: not amended, rejected or withdrawn since.
    """
    if revision is None or (
        outside.contribution is not None
        and outside.contribution.state
        not in {ContributionState.IN_REVIEW, ContributionState.SCHEDULED}
    ):
        return False
    return passed_review(revision)


def passed_review(revision: Revision) -> bool:
    """Return whether both steps of the review approved a revision, by two people.

    Their checklists are ticked, and the second is not who wrote it.
    """
    steps = ReviewState.objects.filter(
        ~Q(ticked=[]),
        revision=revision,
        status=TaskState.STATUS_APPROVED,
        workflow_state__status=WorkflowState.STATUS_APPROVED,
        finished_by__isnull=False,
    )
    types = ContentType.objects.get_for_models(EditorialReview, Validation)
    for validation in steps.filter(task__content_type=types[Validation]).exclude(
        finished_by=author_of(revision)
    ):
        if (
            steps.filter(
                task__content_type=types[EditorialReview],
                workflow_state=validation.workflow_state_id,
            )
            .exclude(finished_by=validation.finished_by_id)
            .exists()
        ):
            return True
    return False
