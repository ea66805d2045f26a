"""The rights that the views of the admin need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied

if TYPE_CHECKING:
    from django.http import HttpRequest

CHANGE_SESSION = "events.change_session"
CHANGE_REGISTRATION = "events.change_registration"
VIEW_REGISTRATION = "events.view_registration"


def require_right(request: HttpRequest, *permissions: str) -> None:
    """Refuse a request of a user who has none of these permissions.

    Raises:
        PermissionDenied: they have none.
    """
    if not any(map(request.user.has_perm, permissions)):
        raise PermissionDenied
