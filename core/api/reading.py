"""Public reads: typed, and cached under the content's version."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import override
from ninja.openapi.views import openapi_json

from core.models import ContentVersion
from core.schemas.languages import find_language
from core.web.caching import cached

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel


def json_response(data: BaseModel, status: int = 200) -> HttpResponse:
    """Return a schema instance as the response.

    Ninja would validate it once more, then dump it twice; it is already typed.
    """
    return HttpResponse(
        data.model_dump_json(), status=status, content_type="application/json; charset=utf-8"
    )


def requested_language(request: HttpRequest) -> str:
    """Return the language of ``locale=`` where the site has it, or else French."""
    try:
        return find_language(request.GET.get("locale", ""))
    except ValueError:  # A read that takes it refuses it.
        return settings.LANGUAGE_CODE


def cached_read(request: HttpRequest, build: Callable[[], HttpResponse]) -> HttpResponse:
    """Return what anyone may read, from the cache or built (:func:`core.web.caching.cached`)."""
    return cached(request, build, vary="Authorization", get_version=ContentVersion.current)


def public_read(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve a public read from the cache; it decorates Ninja operations by ``decorate_view``.

    Labels, dates and numbers are in the language of ``locale=``, if the site
    has it.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with override(requested_language(request)):
            return cached_read(request, lambda: view(request, *args, **kwargs))

    return wrapper


def cache_contract(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve the OpenAPI document from the cache; its reader in the browser stays as it is.

    Ninja decorates both with it (``docs_decorator``).
    """
    if getattr(view, "func", None) is not openapi_json:
        return view

    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return cached_read(request, lambda: view(request, *args, **kwargs))

    return wrapper
