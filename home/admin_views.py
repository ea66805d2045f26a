"""Trying the e-mail of an installation."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.mail import Reader, build_letter, register_emails
from core.models import User
from core.web.links import build_absolute_url, email_base_url
from home.models import SiteSettings
from outbox.transport import Outcome, Transport

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)
register_emails("home/trial", reader=Reader.TEAM)

TRIAL_TIMEOUT = 5.0
"""Seconds that the mail server has for each answer: somebody waits before the screen."""


def may_start(user: User) -> bool:
    """Return whether a user sets the site up: who manages its accounts and its settings."""
    return user.has_perms(("core.change_user", "home.change_sitesettings"))


@require_http_methods(["GET", "POST"])
def try_email(request: HttpRequest) -> HttpResponse:
    """Send an e-mail to the person who asks for it, and keep when that last worked."""
    user = request.user
    if not isinstance(user, User) or not may_start(user):
        raise PermissionDenied
    conf = SiteSettings.load()
    if request.method == "POST" and user.email:
        if _was_sent(user):
            # Not a change of what the public reads.
            SiteSettings.objects.filter(pk=conf.pk).update(email_tested_at=timezone.now())
            messages.success(
                request,
                _(
                    "L'e-mail est parti pour %(address)s. S'il n'arrive pas, regardez dans les "
                    "indésirables, puis prévenez qui tient le serveur."
                )
                % {"address": user.email},
            )
            return redirect("wagtailadmin_home")
        messages.error(
            request,
            _("L'e-mail n'est pas parti : le serveur de messagerie l'a refusé, ou ne répond pas."),
        )
    context = {"tested_at": conf.email_tested_at, "sender": settings.DEFAULT_FROM_EMAIL}
    return render(request, "home/admin/try_email.html", context)


def _was_sent(user: User) -> bool:
    """Send it now and not through the outbox: it tries the mail server."""
    url = build_absolute_url(reverse("wagtailadmin_home"), email_base_url())
    letter = build_letter("home/trial", user.email, {"url": url}, settings.LANGUAGE_CODE)
    transport = Transport(timeout=TRIAL_TIMEOUT)
    try:
        result = transport.send(letter)
    finally:
        transport.close()
    if result.outcome != Outcome.SENT:
        logger.warning("The e-mail that was asked for was not sent: %s", result.detail)
    return result.outcome == Outcome.SENT
