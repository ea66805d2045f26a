"""The e-mails about contributions: to the partner at each step, to the team when something waits.

Their texts are the templates of ``emails/contributions/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

from contributions.models import Contribution
from contributions.tokens import FOLLOW_UP, follow_up_url
from core.languages.times import format_moment
from core.mail import Reader, RenderedEmail, register_emails, render_email, send_email
from core.models import User
from core.web.links import email_base_url
from core.web.signed_links import shown_path

if TYPE_CHECKING:
    import datetime as dt

REVIEW = "contributions.change_contribution"
BACKEND = "django.contrib.auth.backends.ModelBackend"

PARTNER_EMAILS = (
    "received",
    "amended",
    "in_review",
    "changes_requested",
    "scheduled",
    "published",
    "accepted",
    "rejected",
    "withdrawn",
    "message",
    "new_link",
    "file_refused",
    "address_changed",
)
TEAM_EMAILS = ("team_received", "team_amended", "team_message", "team_withdrawn")
EMAILS = (*PARTNER_EMAILS, *TEAM_EMAILS)
ON_SENDING = ("received", "file_refused")
"""What comes of a form that anyone may send, with any address."""

register_emails(
    *(f"contributions/{name}" for name in PARTNER_EMAILS if name not in ON_SENDING),
    reader=Reader.ANYONE,
)
register_emails(
    *(f"contributions/{name}" for name in ON_SENDING), reader=Reader.ANYONE, is_asked_for=True
)
register_emails(*(f"contributions/{name}" for name in TEAM_EMAILS), reader=Reader.TEAM)


def send_contribution_email(
    contribution: Contribution, name: str, message: str = "", address: str = ""
) -> None:
    """Send one e-mail: to the partner in their language, or to the team in French.

    Args:
        contribution: what it is about.
        name: one of :data:`EMAILS`.
        message: quoted in it.
        address: of the partner, if not that of the contribution any more.
    """
    is_for_team = name in TEAM_EMAILS
    language = settings.LANGUAGE_CODE if is_for_team else contribution.language
    with override(language):
        context = _context(contribution, name, message)
    partner = address or contribution.email
    for each in team_addresses(contribution) if is_for_team else filter(None, [partner]):
        send_email(f"contributions/{name}", each, context, language, about=contribution)


def preview_partner_email(
    contribution: Contribution, name: str, message: str = ""
) -> RenderedEmail:
    """Return an e-mail to the partner as it would be sent, with no link that works.

    The follow-up link acts for the partner: the team has no use of it.
    """
    with override(contribution.language):
        hidden = {"follow_up_url": f"{email_base_url()}{shown_path(FOLLOW_UP)}"}
        context = _context(contribution, name, message) | hidden
    return render_email(f"contributions/{name}", context, contribution.language)


def _context(contribution: Contribution, name: str, message: str) -> dict[str, str]:
    """Return what the template of an e-mail needs, in the active language."""
    is_for_team = name in TEAM_EMAILS
    details = _for_team(contribution) if is_for_team else _for_partner(contribution, name)
    is_known = is_for_team or contribution.has_known_address
    return {
        # A stranger's words are for the team alone to read, until its partner is known.
        "name": contribution.name if is_known else contribution.get_kind_display(),
        "reference": contribution.reference,
        "message": message.strip(),
        **details,
    }


def _for_team(contribution: Contribution) -> dict[str, str]:
    return {
        "kind": contribution.get_kind_display(),
        "structure_name": contribution.structure_name,
        "inspect_url": inspect_url(contribution),
    }


def _for_partner(contribution: Contribution, name: str) -> dict[str, str]:
    context = {"follow_up_url": follow_up_url(contribution)}
    if name == "published":
        context["public_url"] = public_url(contribution)
    if name == "scheduled" and (moment := scheduled_for(contribution)):
        context["moment"] = format_moment(moment)
    return context


def scheduled_for(contribution: Contribution) -> dt.datetime | None:
    """Return when what was made of a contribution is to be published, if it is scheduled."""
    draft: Any = contribution.live_draft()
    moment: dt.datetime | None = draft.go_live_at if draft is not None else None
    return moment


def reviewers() -> list[User]:
    """Return those of the team who may review, without those who only sign in."""
    users = User.objects.with_perm(REVIEW, backend=BACKEND, include_superusers=False)
    return [user for user in users.order_by("pk") if user.is_active and user.email]


def team_addresses(contribution: Contribution) -> list[str]:
    """Return the address of the contribution's assignee, or those of all reviewers."""
    if contribution.assignee and contribution.assignee.email:
        return [contribution.assignee.email]
    return sorted({user.email for user in reviewers()})


def inspect_url(contribution: Contribution) -> str:
    """Return the absolute address of a contribution in the administration."""
    path = reverse("contribution:inspect", args=[contribution.pk])
    return f"{settings.WAGTAILADMIN_BASE_URL}{path}"


def public_url(contribution: Contribution) -> str:
    """Return where anyone sees what was made of it, or nothing."""
    draft: Any = contribution.live_draft()
    if draft is None or not draft.live:
        return ""
    if hasattr(draft, "get_url_parts"):
        return str(draft.full_url or "")
    return f"{email_base_url()}{draft.get_absolute_url()}"
