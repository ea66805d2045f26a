"""Accounts in the administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from accounts import dashboard  # noqa: F401
from accounts.access_review import REVIEWED
from accounts.account_actions import AccessReviewView, InviteView, LeaveView, ResetView
from accounts.bulk_actions import AssignRole, Delete, SetActiveState
from accounts.invitations import INVITED, JOINED
from accounts.leaving import LEFT
from accounts.own_views import SecurityView
from accounts.second_factor import ADDED, REPLACED, RESET

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.urls import URLPattern
    from wagtail.log_actions import LogActionRegistry

# After Wagtail's own, whose place it takes.
for each in (AssignRole, Delete, SetActiveState):
    hooks.register("register_bulk_action", each, order=10)


@hooks.register("register_admin_urls")
def register_own_urls() -> list[URLPattern]:
    """Register the screens of accounts."""
    return [
        path("account/securite/", SecurityView.as_view(), name="accounts_security"),
        path("comptes/revue/", AccessReviewView.as_view(), name="accounts_access_review"),
        path("comptes/<int:pk>/invitation/", InviteView.as_view(), name="accounts_invite"),
        path("comptes/<int:pk>/second-facteur/", ResetView.as_view(), name="accounts_reset"),
        path("comptes/<int:pk>/depart/", LeaveView.as_view(), name="accounts_leave"),
    ]


@hooks.register("register_account_menu_item")
def lead_to_security(request: HttpRequest) -> dict[str, Any]:
    """Lead from one's account to what protects it."""
    return {
        "url": reverse("accounts_security"),
        "label": _("Sécurité de mon compte"),
        "help_text": _("Votre second facteur, et les appareils où vous êtes connecté·e."),
    }


class AccessReviewItem(MenuItem):
    """« Revue des accès », for those who manage accounts."""

    def is_shown(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_user")


@hooks.register("register_reports_menu_item")
def add_access_review() -> MenuItem:
    """Add the review of accesses to the reports."""
    address = reverse("accounts_access_review")
    return AccessReviewItem(_("Revue des accès"), address, icon_name="user", order=1200)


@hooks.register("insert_global_admin_js")
def watch_session() -> SafeString:
    """Watch the end of the session on every screen: the dialog is there for who is signed in."""
    return format_html('<script type="module" src="{}"></script>', static("js/session.js"))


@hooks.register("insert_global_admin_css")
def add_stylesheet() -> SafeString:
    """Add the style of the screens of accounts."""
    return format_html('<link rel="stylesheet" href="{}">', static("css/accounts-admin.css"))


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Register the labels of the events in the history."""
    for name, label in (
        (ADDED, _("Second facteur mis en place")),
        (REPLACED, _("Second facteur changé")),
        (RESET, _("Second facteur réinitialisé")),
        (INVITED, _("Invitation envoyée")),
        (JOINED, _("Mot de passe choisi")),
        (LEFT, _("Accès fermé au départ de la personne")),
        (REVIEWED, _("Accès revu")),
    ):
        actions.register_action(name, label, label)
