"""Who asks: somebody whose session goes on, and who has proved enough of who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from accounts.second_factor import lacks_second_factor
from accounts.sessions import seconds_left, touch

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest, HttpResponse

    from core.models import User


class ProvenUserMiddleware:
    """Have nobody ask, where a session has ended or lacks its second factor.

    Every view then refuses as it refuses visitors, those of packages and of tomorrow included; the
    screen of sign-in leads on. The session is read only where somebody asks for the user, so that
    public pages stay alike for all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response to who asks."""
        request.user = SimpleLazyObject(lambda: proven_user(request))  # type: ignore[assignment]
        return self.get_response(request)


def proven_user(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    """Return who asks, or nobody."""
    user: Any = get_user(request)
    if not user.is_authenticated:
        return AnonymousUser()
    if seconds_left(request.session) <= 0:
        request.session.flush()
        return AnonymousUser()
    if not is_in_background(request):
        touch(request.session)
    if lacks_second_factor(request, user):
        request.unproven_user = user  # type: ignore[attr-defined]
        return AnonymousUser()
    return user


def unproven_user(request: HttpRequest) -> User | None:
    """Return who gave their password in this session, and not the code that is asked of them."""
    bool(request.user.is_authenticated)
    user: User | None = getattr(request, "unproven_user", None)
    return user


def is_in_background(request: HttpRequest) -> bool:
    """Return whether a browser asks by itself, with nobody before it for all we know.

    An editor with words that are not saved keeps its session: the browser sends it with each of its
    signs of life.
    """
    if request.path == reverse("accounts_session"):
        return True
    signs = reverse("wagtailadmin_home") + "editing-sessions/"
    return request.path.startswith(signs) and not request.POST.get("is_editing")
