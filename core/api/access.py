"""Who asks: by a bearer token, or anyone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.api.v3 import auth

from core.api.errors import PROBLEMS, Problem

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.http import HttpRequest


class AllowAnonymous(auth.AllowAnonymous):
    """Takes who has no token; one that is wrong is refused (RFC 6750, 3.1), not passed over."""

    def __call__(self, request: HttpRequest) -> AnonymousUser | None:
        """Return nobody in particular, or None where a token was not accepted."""
        if request.headers.get("Authorization", "").casefold().startswith("bearer"):
            return None
        user: AnonymousUser = super().__call__(request)
        return user


OPTIONAL_TOKEN = [auth.BearerTokenAuth(), AllowAnonymous()]
"""Anyone may read; a token shows what its user may know besides. A session shows nothing more."""
TOKEN_PROBLEMS: dict[int, type[Problem]] = {401: Problem, **PROBLEMS}
"""What a read that takes a token may answer instead."""
