"""Who acts in a request of the administration."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from django.urls import reverse

from core.models import User
from review.actors import acting

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


class ActorMiddleware:
    """Record the user of each request of the administration as its actor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response, made while the user acts."""
        with ExitStack() as stack:
            # The address first: to ask for the user reads the session.
            if request.path.startswith(reverse("wagtailadmin_home")) and isinstance(
                request.user, User
            ):
                stack.enter_context(acting(user=request.user))
            return self.get_response(request)
