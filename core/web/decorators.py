"""Decorators of the views that read or take in personal data without a session."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse


def never_store(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Forbid caches and search engines to keep a page.

    No CSRF token is asked for: these pages know no session and set no cookie. What a form may do
    is in its signed address, or is what the public API lets anyone do.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store, private"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return csrf_exempt(never_cache(wrapper))
