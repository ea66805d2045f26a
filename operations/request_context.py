"""What is known of the request in hand, for logs and reports of errors: nothing of its reader."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass
class RequestContext:
    """A request in hand.

    Attributes:
        id: a number drawn for it, which its response carries too.
        view: the name of the view that answers, without the values in its address.
    """

    id: str
    view: str = ""


_current: ContextVar[RequestContext | None] = ContextVar("request", default=None)


def current_request() -> RequestContext | None:
    """Return the request that this thread answers, if it answers one."""
    return _current.get()


class RequestContextMiddleware:
    """Give each request a number, and note which view answers it.

    The number is drawn here, unless ``REQUEST_ID_HEADER`` names a header in which the reverse
    proxy gives one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, with the number in the response."""
        context = RequestContext(_given_id(request) or secrets.token_hex(8))
        token = _current.set(context)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response[HEADER] = context.id
        return response

    def process_view(self, request: HttpRequest, *_args: object) -> None:
        """Note the view: resolved by now."""
        if (context := _current.get()) and request.resolver_match:
            context.view = view_name(request)


def view_name(request: HttpRequest) -> str:
    """Return the name of the view that answers a request, or an empty string for none."""
    match = request.resolver_match
    return (match.view_name or match._func_path) if match else ""


def _given_id(request: HttpRequest) -> str:
    header = settings.REQUEST_ID_HEADER
    given = request.META.get(header, "") if header else ""
    return given if GIVEN_ID.fullmatch(given) else ""
