"""The letters about the subscription itself, in the language of each subscriber."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.templatetags.typography import typo
from newsletter.tokens import CONFIRM, PREFERENCES, subscriber_url

if TYPE_CHECKING:
    from newsletter.models import Subscriber


def confirm(subscriber: Subscriber) -> None:
    """Ask whoever reads the address to confirm (double opt-in)."""
    with override(subscriber.language):
        _send(
            subscriber,
            _("Confirmez votre abonnement à la lettre du Projet PARÉ"),
            [
                _("Un abonnement à notre lettre d'information a été demandé avec cette adresse."),
                _("Confirmez-le avec le lien ci-dessous, valable 30 jours."),
                _("Ce n'est pas vous ? Ne faites rien : sans confirmation, tout est effacé."),
            ],
            _("Confirmer mon abonnement"),
            subscriber_url(CONFIRM, subscriber),
        )


def already(subscriber: Subscriber) -> None:
    """Tell whoever subscribes twice that once was enough."""
    with override(subscriber.language):
        _send(
            subscriber,
            _("Vous êtes déjà abonné·e à la lettre du Projet PARÉ"),
            [
                _("Un abonnement a été demandé avec cette adresse, qui en a déjà un."),
                _("Vous n'avez rien à faire. Le lien ci-dessous permet de changer vos choix."),
            ],
            _("Voir mes choix"),
            subscriber_url(PREFERENCES, subscriber),
        )


def welcome(subscriber: Subscriber) -> None:
    """Confirm, and give the link that changes everything later."""
    with override(subscriber.language):
        _send(
            subscriber,
            _("Bienvenue : vous recevrez la lettre du Projet PARÉ"),
            [
                _("Votre abonnement est confirmé. La lettre paraît quatre fois par an environ."),
                _(
                    "Gardez ce message : son lien permet à tout moment de choisir vos sujets, de "
                    "faire une pause, de vous désabonner ou de tout effacer."
                ),
            ],
            _("Choisir mes sujets"),
            subscriber_url(PREFERENCES, subscriber),
        )


def preferences(subscriber: Subscriber) -> None:
    """Give their link to those who have lost it."""
    with override(subscriber.language):
        _send(
            subscriber,
            _("Votre lien pour la lettre du Projet PARÉ"),
            [_("Voici le lien que vous avez demandé pour changer vos choix ou vous désabonner.")],
            _("Voir mes choix"),
            subscriber_url(PREFERENCES, subscriber),
        )


def _send(
    subscriber: Subscriber, subject: str, paragraphs: list[str], label: str, link: str
) -> None:
    subject = typo(subject)
    context = {
        "subject": subject,
        "paragraphs": [typo(paragraph) for paragraph in paragraphs],
        "label": label,
        "link": link,
    }
    mail = EmailMultiAlternatives(
        subject,
        render_to_string("emails/contributions/frame.txt", context),
        settings.DEFAULT_FROM_EMAIL,
        [subscriber.email],
    )
    mail.attach_alternative(
        render_to_string("emails/contributions/frame.html", context), "text/html"
    )
    mail.send()
