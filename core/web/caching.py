"""Responses cached until the content changes."""

from __future__ import annotations

import hashlib
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

from core.replicas import build_from_replica
from core.web.links import request_origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

Part = TypeVar("Part")


def cached(
    request: HttpRequest,
    build: Callable[[], HttpResponse],
    vary: str,
    get_version: Callable[[], int],
) -> HttpResponse:
    """Return the response from the cache, or build and keep it.

    The key holds the content's version, which is bumped in the transaction of
    every publication, so nothing needs purging. An entry also lives no longer
    than ``RESPONSE_CACHE_SECONDS``, which bounds how late a page that expires
    by the clock disappears. Conditional requests (RFC 9110, 13.1.2) are
    answered 304 without building anything. What is built may be read from a
    replica of the database (``core.replicas``). What is streamed is built each
    time, and has an ETag as well.

    Args:
        request: who asks is told apart by ``vary`` alone: a request that has
            that header is never answered from the cache, nor kept.
        build: makes the response, rendered or streamed; only a 200 without a cookie is kept.
        vary: Authorization or Cookie.
        get_version: returns the content's version (``ContentVersion.current``).
    """
    seconds = settings.RESPONSE_CACHE_SECONDS
    if not seconds or request.headers.get(vary):
        response = build()
        # What is not even to be stored stays so.
        if response.status_code == HTTPStatus.OK and "no-store" not in response.get(
            "Cache-Control", ""
        ):
            response["Cache-Control"] = "private, no-cache"
        patch_vary_headers(response, [vary])
        return response
    version = get_version()
    digest = _digest(version, request_origin(request), request.get_full_path())
    etag = f'W/"{digest[:32]}"'
    # For those who measure.
    request.cache_result = "hit"  # type: ignore[attr-defined]
    if etag in parse_etags(request.headers.get("If-None-Match", "")):
        return _public(HttpResponseNotModified(), etag, vary)
    key = f"response:{digest}"
    response = cache.get(key)
    if response is None:
        response, is_of_replica = build_from_replica(build, version, get_version)
        request.cache_result = "replica" if is_of_replica else "miss"  # type: ignore[attr-defined]
        if response.status_code != HTTPStatus.OK or response.cookies:
            return response
        if not response.streaming:
            cache.set(key, response, seconds)
    return _public(response, etag, vary)


def cached_part(
    request: HttpRequest,
    build: Callable[[], Part],
    vary: str,
    get_version: Callable[[], int],
    *identity: str,
) -> Part:
    """Return what many responses have, from the cache, or build and keep it as they are kept.

    Args:
        request: with the header ``vary`` it is never answered from the cache, nor keeps anything,
            as in :func:`cached`: who signed in may be looking at what is not public.
        build: makes the part; it must be picklable.
        vary: Authorization or Cookie.
        get_version: returns the content's version (``ContentVersion.current``).
        identity: what it is, and whatever it depends on but the content.
    """
    seconds = settings.RESPONSE_CACHE_SECONDS
    if not seconds or request.headers.get(vary):
        return build()
    version = get_version()
    key = f"part:{_digest(version, *identity)}"
    kept: Part | None = cache.get(key)
    if kept is not None:
        return kept
    part, _is_of_replica = build_from_replica(build, version, get_version)
    cache.set(key, part, seconds)
    return part


def _digest(version: int, *identity: str) -> str:
    """Return what distinguishes what is kept: of this release and version, and for this while."""
    period = int(time.time()) // settings.RESPONSE_CACHE_SECONDS
    parts = (settings.RELEASE, str(version), str(period), *identity)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def public_cache_control() -> str:
    """Return the Cache-Control of what anyone may read (RFC 9111).

    It is asked for anew each time, unless a cache in front of the site may keep it for a while.
    """
    if not settings.SHARED_CACHE_SECONDS:
        return "public, no-cache"
    return f"public, max-age=0, s-maxage={settings.SHARED_CACHE_SECONDS}"


def _public(response: HttpResponse, etag: str, vary: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = public_cache_control()
    patch_vary_headers(response, [vary])
    return response
