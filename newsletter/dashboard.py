"""What the dashboard has of the newsletter: where its next issue stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from core.admin.dashboard import Block, Line, register_block
from core.languages.times import format_moment
from newsletter.admin.sending import READ
from newsletter.composing import is_validated
from newsletter.models import Mailing, NewsletterIssuePage

if TYPE_CHECKING:
    from core.models import User


@register_block(60)
def next_issue(user: User) -> Block | None:
    """Return the next issue in French that was not sent."""
    if not user.has_perm(READ):
        return None
    done = Mailing.objects.filter(page=OuterRef("pk"), state=Mailing.State.SENT)
    issues = (
        NewsletterIssuePage.objects.filter(
            ~Exists(done), locale__language_code=settings.LANGUAGE_CODE
        )
        .defer("editorial", "sections")
        .select_related("latest_revision")
        .order_by("number", "pk")[:1]
    )
    return Block(
        "next-issue",
        _("Prochaine lettre"),
        "mail",
        [
            Line(
                issue.get_admin_display_title(),
                reverse("newsletter_sending:issue", args=[issue.pk]),
                _describe(issue),
            )
            for issue in issues
        ],
        url=reverse("newsletter_sending:index"),
    )


def _describe(issue: NewsletterIssuePage) -> str:
    """Return where an issue stands on its way to its readers."""
    mailing = Mailing.objects.filter(page=issue).order_by("-pk").first()
    if mailing is not None and mailing.state == Mailing.State.SENDING:
        return _("En cours d'envoi")
    if mailing is not None and mailing.state == Mailing.State.SCHEDULED:
        return _("Envoi prévu le %(moment)s") % {"moment": format_moment(mailing.scheduled_for)}
    if is_validated(issue):
        return _("Validé : prêt à envoyer")
    if issue.workflow_in_progress:
        return _("En relecture")
    return _("Brouillon")
