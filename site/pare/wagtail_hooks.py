"""What the administration offers to each: hooks that need to know every app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import Resolver404, resolve
from wagtail import hooks

from contributions.middleware import is_open_to_partners
from review.groups import is_partner

if TYPE_CHECKING:
    from django.http import HttpRequest


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
