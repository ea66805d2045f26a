"""What the administration refuses is explained where it was asked for."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.datastructures import MultiValueDictKeyError
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from core.compat.admin import auth

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

MAX_NAMED = 3
"""How many of the things that keep another from being deleted are named."""


def patch_wagtail_refusals() -> None:
    """Patch Wagtail to show the reason of a refusal, and to lead back to where it was asked.

    It shows one sentence for all of them, on the home page.
    """
    show_generic_refusal = auth.permission_denied

    def explain(request: HttpRequest) -> HttpResponse:
        error = sys.exc_info()[1]
        # Those of Wagtail's own classes are for developers.
        if isinstance(error, PermissionDenied) and error.args and not _is_wagtails(error):
            messages.error(request, str(error))
            return HttpResponseRedirect(screen_before(request))
        response: HttpResponse = show_generic_refusal(request)
        return response

    auth.permission_denied = explain


def _is_wagtails(error: Exception) -> bool:
    return type(error).__module__.startswith("wagtail")


def screen_before(request: HttpRequest) -> str:
    """Return the address of the screen from which something was asked."""
    referer = request.META.get("HTTP_REFERER", "")
    is_ours = url_has_allowed_host_and_scheme(referer, {request.get_host()})
    if is_ours and (request.method == "POST" or referer != request.build_absolute_uri()):
        return referer
    return request.get_full_path() if request.method == "POST" else reverse("wagtailadmin_home")


class AdminRefusalsMiddleware:
    """Refuse in the administration what can't be done, in the place of an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response unchanged."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Lead back to the screen, with what keeps the thing from being deleted.

        Raises:
            BadRequest: a screen of Wagtail wants a field of its form that was not sent.
        """
        match = request.resolver_match
        if match is None or not match.route.startswith("admin/"):
            return None
        if isinstance(error, MultiValueDictKeyError):
            raise BadRequest("A field of the form is missing.") from error
        if isinstance(error, ProtectedError):
            kept_by = error.protected_objects
        elif isinstance(error, RestrictedError):
            kept_by = error.restricted_objects
        else:
            return None
        names = sorted(f"{each._meta.verbose_name} « {each} »" for each in kept_by)
        if len(names) > MAX_NAMED:
            names = [*names[:MAX_NAMED], "…"]
        messages.error(
            request,
            _("Rien n'est supprimé : %(kept_by)s en dépend encore. Dépubliez plutôt la page.")
            % {"kept_by": get_text_list(names, _("et"))},
        )
        return HttpResponseRedirect(screen_before(request))
