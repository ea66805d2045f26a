"""The archive of an issue on the site: public by being sent after its review, by no other way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from newsletter.models import NewsletterIssuePage
from published.queries import restricted_or_public_items
from review.actors import acting
from review.content import canonical_hash
from review.rights import BEGINNINGS, register_rule
from review.workflow import approved_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from core.models import User
    from published.models import Item
    from review.actors import Actor

NOT_SENT = _(
    "Un numéro de la lettre ne se publie pas : son archive paraît quand il est envoyé. Choisissez "
    "« Soumettre à Relecture PARÉ » ; une fois approuvé par deux personnes, il s'envoie par "
    "« Vérifier et envoyer »."
)
NOT_REVIEWED = _(
    "Ce numéro est déjà envoyé : son archive change quand deux personnes ont approuvé la "
    "correction. Choisissez « Soumettre à Relecture PARÉ »."
)


@register_rule(NewsletterIssuePage)
def refuse_archive(
    issue: NewsletterIssuePage, content: Mapping[str, Any], actor: Actor | None
) -> str | None:
    """Return why these words of an issue may not become public, or ``None`` when they may."""
    # An earlier release, or another site, has sent it.
    if actor is not None and actor.system in BEGINNINGS:
        return None
    if not issue.has_archive:
        return str(NOT_SENT)
    if not approved_pairs(issue, canonical_hash(content)):
        return str(NOT_REVIEWED)
    return None


def describe_way_to_archive(issue: NewsletterIssuePage) -> str:
    """Return what to do instead of publishing an issue by hand."""
    return str(NOT_REVIEWED if issue.has_archive else NOT_SENT)


def publish_archive(issue: NewsletterIssuePage, user: User | None = None) -> None:
    """Publish the latest words of an issue, which was sent and is approved.

    Args:
        issue: which the caller has found to be ready.
        user: who sends it, or approved its correction.

    Raises:
        PermissionDenied: it may not become public; the message has why.
    """
    revision = issue.get_latest_revision()
    # Its archive appears now, whatever day another version was to be published.
    revision.content["go_live_at"] = None
    with acting(user=user) if user else acting(system="newsletter"):
        # Sending and approving are rights of their own: nobody has that to publish an issue.
        revision.publish(user=user, skip_permission_checks=True)


def is_public(issue: NewsletterIssuePage) -> bool:
    """Return whether the public reads an issue now."""
    return _public_items(issue).exists()


def is_up_to_date(issue: NewsletterIssuePage) -> bool:
    """Return whether the public reads the latest words of an issue."""
    content = issue.get_latest_revision_as_object().serializable_data()
    return _public_items(issue).filter(content_hash=canonical_hash(content)).exists()


def _public_items(issue: NewsletterIssuePage) -> QuerySet[Item]:
    return restricted_or_public_items().filter(page=issue.pk)
