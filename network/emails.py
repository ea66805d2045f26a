"""The e-mails to structures, and to the team about them.

Their texts are the templates of ``emails/network/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import get_language, override

from core.mail import Reader, register_emails, send_email
from core.models import User
from network.verification import verification_url

if TYPE_CHECKING:
    from network.models import Structure

PUBLISH = "network.publish_structure"
BACKEND = "django.contrib.auth.backends.ModelBackend"

# The address is one that was admitted with the entry.
register_emails("network/reminder", reader=Reader.KNOWN)
register_emails("network/correction", reader=Reader.TEAM)


def send_reminder(structure: Structure) -> None:
    """Ask a structure whether its entry is still true. It has no address in it."""
    assert structure.verified_on  # noqa: S101
    language = structure.locale.language_code
    with override(language):
        day = date_format(structure.verified_on, "DATE_FORMAT")
    context = {"name": structure.name, "day": day, "link": verification_url(structure)}
    send_email("network/reminder", structure.email, context, language, about=structure)


def notify_team(structure: Structure, message: str) -> None:
    """Notify those who may publish structures that a correction waits.

    Wagtail sends no e-mail about a workflow that somebody who is not signed in has started.
    """
    team = User.objects.with_perm(PUBLISH, backend=BACKEND, include_superusers=True)
    addresses = sorted({user.email for user in team if user.email and user.is_active})
    path = reverse("wagtailsnippets_network_structure:edit", args=[structure.pk])
    context = {
        "name": structure.name,
        "link": f"{settings.WAGTAILADMIN_BASE_URL}{path}",
        "message": message,
    }
    # In the language of the page on which the structure wrote.
    language = get_language() or settings.LANGUAGE_CODE
    for address in addresses:
        send_email("network/correction", address, context, language, about=structure)
