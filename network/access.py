"""Access to structures on the website: of a request, and what it means for caches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from network.places import AccessLevel, access_level_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def site_access_level(request: HttpRequest) -> AccessLevel:
    """Return the access level on the website, where the team sees what members see."""
    user = getattr(request, "user", None)
    return min(access_level_of(user), AccessLevel.MEMBER) if user else AccessLevel.PUBLIC


def prevent_shared_caching(response: HttpResponse, access_level: AccessLevel) -> HttpResponse:
    """Forbid shared caches to keep a response for a member."""
    if access_level > AccessLevel.PUBLIC:
        response["Cache-Control"] = "private, no-store"
    return response
