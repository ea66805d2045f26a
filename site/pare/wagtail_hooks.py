"""What the administration offers to each: hooks that need to know every app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import Resolver404, path, re_path, resolve, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem

from contributions.middleware import is_open_to_partners
from pare.guide_views import guide_image, guide_page
from review.groups import is_partner, is_team

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.urls import URLPattern


def reads_as_partner(request: HttpRequest) -> bool:
    """Return whether a partner asks, looked up once for each request."""
    if not hasattr(request, "reads_as_partner"):
        request.reads_as_partner = is_partner(request.user)  # type: ignore[attr-defined]
    return bool(request.reads_as_partner)  # type: ignore[attr-defined]


@hooks.register("construct_main_menu", order=1000)
@hooks.register("construct_reports_menu", order=1000)
@hooks.register("construct_settings_menu", order=1000)
@hooks.register("construct_help_menu", order=1000)
@hooks.register("construct_search", order=1000)
def show_partners_their_own(request: HttpRequest, items: list[Any]) -> None:
    """Remove from the menus what the accounts of partners may not open."""
    if reads_as_partner(request):
        items[:] = [item for item in items if _is_open(item.url)]


def _is_open(address: str) -> bool:
    try:
        return is_open_to_partners(resolve(address))
    except Resolver404:
        return False


@hooks.register("register_admin_urls")
def register_guide() -> list[URLPattern]:
    """Register the screens of the guide."""
    return [
        path("guide/", guide_page, name="guide"),
        re_path(r"^guide/images/(?P<name>[\w-]+\.webp)$", guide_image, name="guide_image"),
        path("guide/<slug:name>/", guide_page, name="guide_page"),
    ]


class GuideMenuItem(MenuItem):
    """« Guide de l'équipe », for the team."""

    def is_shown(self, request: HttpRequest) -> bool:
        return is_team(request.user)


@hooks.register("register_help_menu_item")
def register_guide_item() -> MenuItem:
    """Register the guide in the menu « Aide »."""
    return GuideMenuItem(
        _("Guide de l'équipe"), reverse("guide"), name="guide", icon_name="help", order=100
    )
