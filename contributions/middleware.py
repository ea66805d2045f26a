"""Restrict the accounts of partners to their own contributions in the admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect

from review.groups import is_partner

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.urls import ResolverMatch

OPEN = (
    "account_login",
    "accounts_confirm",
    "accounts_invitation",
    "accounts_security",
    "accounts_session",
    "contributions_",
    "mfa_",
    "wagtailadmin_account",
    "wagtailadmin_dismissibles",
    "wagtailadmin_javascript_catalog",
    "wagtailadmin_login",
    "wagtailadmin_logout",
    "wagtailadmin_password_reset",
    "wagtailadmin_sprite",
)
HOME = "wagtailadmin_home"


def is_open_to_partners(match: ResolverMatch) -> bool:
    """Return whether the accounts of partners may open a view."""
    if not match.route.startswith("admin/"):
        return True
    return match.view_name == HOME or match.view_name.startswith(OPEN)


class PartnersMiddleware:
    """Refuse every view of the admin to partners, but those named here.

    Wagtail checks permissions where something is done; some of its views (choosers,
    confirmations) show titles of drafts to every user who may sign in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response unchanged."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: Any) -> HttpResponse | None:
        """Refuse a view of the admin; lead from its home to their contributions.

        Raises:
            PermissionDenied: a partner asks for a view that is not theirs.
        """
        match = request.resolver_match
        if match is None or (match.view_name != HOME and is_open_to_partners(match)):
            return None
        if not (request.user.is_authenticated and is_partner(request.user)):
            return None
        if match.view_name == HOME:
            return redirect("contributions_mine")
        raise PermissionDenied
