"""What we write to structures, and to the team about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.models import User
from network.verification import verification_url

if TYPE_CHECKING:
    from network.models import Structure

PUBLISH = "network.publish_structure"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def send_reminder(structure: Structure) -> None:
    """Ask a structure whether its entry is still true. It has no address in it."""
    with override(structure.locale.language_code):
        assert structure.verified_on  # noqa: S101
        body = _(
            "Bonjour,\n\n"
            "La fiche de « %(name)s » dans l'annuaire du réseau PARÉ a été vérifiée le %(day)s. "
            "Est-elle toujours exacte ?\n\n"
            "Pour la relire, la confirmer en un clic ou la corriger :\n%(link)s\n\n"
            "Ce lien est personnel et valable trois mois.\n\n"
            "L'équipe du Projet PARÉ\n"
        ) % {
            "name": structure.name,
            "day": date_format(structure.verified_on, "DATE_FORMAT"),
            "link": verification_url(structure),
        }
        EmailMessage(
            _("Votre fiche dans l'annuaire du réseau PARÉ est-elle à jour ?"),
            body,
            settings.DEFAULT_FROM_EMAIL,
            [structure.email],
        ).send()


def tell_team(structure: Structure, message: str) -> None:
    """Tell those who may publish structures that a correction waits.

    Wagtail tells nobody of a workflow that nobody who is signed in has started.
    """
    team = User.objects.with_perm(PUBLISH, backend=BACKEND, include_superusers=True)
    addresses = sorted({user.email for user in team if user.email and user.is_active})
    if not addresses:
        return
    path = reverse("wagtailsnippets_network_structure:edit", args=[structure.pk])
    body = _(
        "La structure « %(name)s » a corrigé sa fiche. Rien n'est en ligne avant votre relecture :"
        "\n%(link)s\n"
    ) % {"name": structure.name, "link": f"{settings.WAGTAILADMIN_BASE_URL}{path}"}
    if message:
        body += _("\nSon message :\n%(message)s\n") % {"message": message}
    EmailMessage(
        _("Une fiche corrigée à relire : %(name)s") % {"name": structure.name},
        body,
        settings.DEFAULT_FROM_EMAIL,
        bcc=addresses,
    ).send()
