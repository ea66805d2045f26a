"""The rights that the views of the admin need."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from core.models import User

if TYPE_CHECKING:
    from collections.abc import Callable

VIEW = "contributions.view_contribution"
CHANGE = "contributions.change_contribution"
CONTRIBUTE = "contributions.contribute"


def permission_required(permission: str) -> Callable[..., Callable[..., HttpResponse]]:
    """Refuse a view to users without a permission, and keep it out of caches."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return never_cache(view)(request, *args, **kwargs)

        return wrapper

    return decorate


def require_user(request: HttpRequest) -> User:
    """Return the account of a request.

    Raises:
        PermissionDenied: it has none.
    """
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user
