"""Counts what people read, without a trace of who.

Outside what answers from memory, and without a query: it notes what was answered, and a thread
writes totals each minute (:mod:`figures.writing`). It sets no header and no cookie, and does not
touch the session.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from figures.robots import is_robot
from figures.tally import Download, Read, Search, tally
from figures.words import keepable
from figures.writing import writer
from published.documents import serve_document
from search.views import FOUND

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.urls import ResolverMatch

    from figures.tally import Seen

ANSWERED = {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}
PAGES = {"wagtail_serve", "network:structure"}
"""The views of what has a path of its own."""


class CountingMiddleware:
    """Note what a person reads, downloads or searches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then count."""
        response = self.get_response(request)
        match = request.resolver_match
        if match is not None and response.status_code in ANSWERED and is_reading(request):
            seen = what_is_seen(request, response, match)
            if seen is not None:
                tally.add(seen)
                writer.start()
        return response


def is_reading(request: HttpRequest) -> bool:
    """Return whether a person outside the team asked to read something.

    A session is one of the team or of a partner; a browser that fetches ahead may never show what
    it fetched.
    """
    headers = request.headers
    return not (
        request.method != "GET"
        or settings.SESSION_COOKIE_NAME in request.COOKIES
        or getattr(request, "is_preview", False)
        or "prefetch" in headers.get("Sec-Purpose", headers.get("Purpose", ""))
        or is_robot(headers.get("User-Agent", ""))
    )


def what_is_seen(request: HttpRequest, response: HttpResponse, match: ResolverMatch) -> Seen | None:
    """Return what was answered, if it is counted."""
    day = timezone.localdate()
    if match.view_name in PAGES:
        return Read(day, request.path)
    if match.func is serve_document:
        return Download(day, int(match.kwargs["document_id"]))
    # Kept on the answer by the view of the search, since an answer from memory makes no search.
    found = getattr(response, FOUND, None)
    if found is not None:
        return Search(day, keepable(request.GET.get("q", "")), is_empty=found == 0)
    return None
