"""Why a letter did not leave, in plain words, from what the mail server answered."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.languages.times import format_moment
from outbox.models import OutgoingEmail

State = OutgoingEmail.State

# By the reply of SMTP (RFC 5321, 4.2), its enhanced code (RFC 3463), or the error of Python.
REASONS = (
    (r"SMTPAuthentication|^53[0145]\b", gettext_lazy("le serveur d'e-mail refuse notre compte")),
    (r"Timeout|timed out", gettext_lazy("le serveur d'e-mail ne répond pas")),
    (
        r"^(Connection|gaierror|OSError|SMTPServerDisconnected|SMTPConnect)",
        gettext_lazy("le serveur d'e-mail est injoignable, ou coupe la connexion"),
    ),
    (r"\b[45]\.2\.2\b|^552\b", gettext_lazy("la boîte est pleine")),
    (r"\b4\.\d+\.\d+\b|^4\d\d\b", gettext_lazy("le serveur d'e-mail demande d'attendre")),
    (
        r"\b5\.7\.\d+\b|^554\b",
        gettext_lazy("le serveur d'e-mail prend le message, ou le site, pour un indésirable"),
    ),
    (
        r"\b5\.1\.\d+\b|^55[013]\b|RecipientsRefused",
        gettext_lazy("l'adresse n'existe pas, ou plus"),
    ),
)


def explain(error: str) -> str:
    """Return why a letter did not leave; empty where nothing is known."""
    if not error:
        return ""
    found = (reason for pattern, reason in REASONS if re.search(pattern, error))
    return str(next(found, None) or _("le serveur d'e-mail l'a refusé"))


def describe_state(email: OutgoingEmail) -> str:
    """Return what happens to a letter next, or why nothing does."""
    reason = explain(email.error)
    match email.state:
        case State.WAITING if email.attempts:
            again = _("nouvel essai le %(moment)s") % {
                "moment": format_moment(email.next_attempt_at)
            }
            # Nothing was answered to a worker that died.
            return " ; ".join(filter(None, (reason, again)))
        case State.REFUSED:
            return reason
        case State.FAILED:
            return _("deux jours d'essais : %(reason)s") % {"reason": reason}
        case State.SENT if email.ended_at:
            return format_moment(email.ended_at)
    return ""
