"""The letters: to the partner at each step, to the team when something waits.

Each letter is one text template, ``emails/contributions/<letter>.txt``; its
HTML is the same paragraphs in a frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from contributions.models import Contribution
from contributions.tokens import follow_up_url
from core.links import email_base_url
from core.models import User
from core.templatetags.typography import typo

if TYPE_CHECKING:
    from collections.abc import Iterable

REVIEW = "contributions.change_contribution"
BACKEND = "django.contrib.auth.backends.ModelBackend"

SUBJECTS = {
    "received": gettext_lazy("Nous avons bien reçu votre contribution"),
    "amended": gettext_lazy("Nous avons bien reçu vos modifications"),
    "in_review": gettext_lazy("Votre contribution est en relecture"),
    "changes_requested": gettext_lazy("Votre contribution : des modifications demandées"),
    "scheduled": gettext_lazy("Votre contribution est validée"),
    "published": gettext_lazy("Votre contribution est en ligne"),
    "accepted": gettext_lazy("Votre demande est acceptée"),
    "rejected": gettext_lazy("Votre contribution n'a pas été retenue"),
    "withdrawn": gettext_lazy("Votre contribution est retirée"),
    "message": gettext_lazy("Un message de l'équipe du Projet PARÉ"),
    "new_link": gettext_lazy("Votre nouveau lien de suivi"),
    "team_received": gettext_lazy("Une contribution à relire"),
    "team_amended": gettext_lazy("Une contribution modifiée par son partenaire"),
    "team_message": gettext_lazy("Un message d'un partenaire"),
    "team_withdrawn": gettext_lazy("Une contribution retirée par son partenaire"),
}


def write(contribution: Contribution, letter: str, message: str = "") -> None:
    """Send one letter: to the partner in their language, or to the team in French.

    Args:
        contribution: what it is about.
        letter: one of :data:`SUBJECTS`; those that start with ``team`` go to the team.
        message: quoted in it.
    """
    is_for_team = letter.startswith("team")
    with override(settings.LANGUAGE_CODE if is_for_team else contribution.language):
        if is_for_team:
            addresses = team_addresses(contribution)
            button = _("Ouvrir la contribution"), admin_link(contribution)
        else:
            addresses = [contribution.email]
            button = _("Suivre ma contribution"), follow_up_url(contribution)
        context = {
            "contribution": contribution,
            "message": message.strip(),
            "public_url": public_url(contribution) if letter == "published" else "",
            "draft": contribution.live_draft() if letter == "scheduled" else None,
        }
        subject = f"{typo(str(SUBJECTS[letter]))} ({contribution.reference})"
        send(letter, subject, context, button, filter(None, addresses))


def send(
    template: str,
    subject: str,
    context: dict[str, Any],
    button: tuple[str, str],
    addresses: Iterable[str],
) -> None:
    """Send the text of a template, and the same as HTML, to each address apart."""
    label, link = button
    text = typo(render_to_string(f"emails/contributions/{template}.txt", context)).strip()
    paragraphs = [block.strip() for block in text.split("\n\n") if block.strip()]
    framed = {
        "subject": subject,
        "paragraphs": paragraphs,
        "label": label,
        "link": link,
    }
    plain = render_to_string("emails/contributions/frame.txt", framed)
    html = render_to_string("emails/contributions/frame.html", framed)
    for address in addresses:
        mail = EmailMultiAlternatives(subject, plain, settings.DEFAULT_FROM_EMAIL, [address])
        mail.attach_alternative(html, "text/html")
        mail.send()


def reviewers() -> list[User]:
    """Return those of the team who may review, without those who only sign in."""
    users = User.objects.with_perm(REVIEW, backend=BACKEND, include_superusers=False)
    return [user for user in users.order_by("pk") if user.is_active and user.email]


def team_addresses(contribution: Contribution) -> list[str]:
    """Return whom to tell: who follows it, else all of the team."""
    if contribution.assignee and contribution.assignee.email:
        return [contribution.assignee.email]
    return sorted({user.email for user in reviewers()})


def admin_link(contribution: Contribution) -> str:
    """Return where the team sees it."""
    return (
        f"{settings.WAGTAILADMIN_BASE_URL}{reverse('contribution:inspect', args=[contribution.pk])}"
    )


def public_url(contribution: Contribution) -> str:
    """Return where anyone sees what was made of it, or nothing."""
    draft: Any = contribution.live_draft()
    if draft is None or not draft.live:
        return ""
    if hasattr(draft, "get_url_parts"):
        return str(draft.full_url or "")
    return f"{email_base_url()}{draft.get_absolute_url()}"
