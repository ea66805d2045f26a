"""Public reads: typed, cached under the content's version, honest about what changed."""

from __future__ import annotations

import hashlib
import time
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

from core.api.errors import UnknownParameter
from core.links import origin_of
from core.models import ContentVersion

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import BaseModel

SHARED_SECONDS = 60
STALE_SECONDS = 300


def json_response(said: BaseModel, status: int = 200) -> HttpResponse:
    """Return a schema instance as the response.

    Ninja would validate it once more, then dump it twice; it is already typed.
    """
    return HttpResponse(
        said.model_dump_json(), status=status, content_type="application/json; charset=utf-8"
    )


def only_known_parameters(request: HttpRequest, *models: type[BaseModel]) -> None:
    """Refuse a query parameter that no model knows.

    Raises:
        UnknownParameter: naming those that are unknown and those that are known.
    """
    known = [name for model in models for name in model.model_fields]
    unknown = sorted(set(request.GET) - set(known))
    if unknown:
        raise UnknownParameter(unknown, known)


def public_read(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Serve a public read from the cache while nothing that it says has changed.

    The key holds the content's version, which is bumped in the transaction of
    every publication, so nothing needs purging. An entry also lives no longer
    than ``RESPONSE_CACHE_SECONDS``, which bounds how late a page that expires
    by the clock disappears. Conditional requests (RFC 9110, 13.1.2) are
    answered 304 without building anything.

    It decorates Ninja operations through ``decorate_view``.
    """

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        seconds = settings.RESPONSE_CACHE_SECONDS
        if not seconds or request.headers.get("Authorization"):
            response = view(request, *args, **kwargs)
            if response.status_code == HTTPStatus.OK:
                response["Cache-Control"] = "private, no-cache"
            patch_vary_headers(response, ["Authorization"])
            return response
        identity = "\n".join(
            (
                settings.RELEASE,
                str(ContentVersion.current()),
                str(int(time.time()) // seconds),
                origin_of(request),
                request.get_full_path(),
            )
        )
        digest = hashlib.sha256(identity.encode()).hexdigest()
        etag = f'W/"{digest[:32]}"'
        if etag in parse_etags(request.headers.get("If-None-Match", "")):
            return _public(HttpResponseNotModified(), etag)
        key = f"response:{digest}"
        response = cache.get(key)
        if response is None:
            response = view(request, *args, **kwargs)
            if response.status_code != HTTPStatus.OK:
                return response
            cache.set(key, response, seconds)
        return _public(response, etag)

    return wrapper


def _public(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = (
        f"public, max-age=0, s-maxage={SHARED_SECONDS}, stale-while-revalidate={STALE_SECONDS}"
    )
    patch_vary_headers(response, ["Authorization"])
    return response
