"""Views of the project itself: robots.txt and the error pages."""

from __future__ import annotations

import sys
from datetime import UTC, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.urls import reverse
from django.utils import timezone
from django.views import defaults
from django.views.decorators.http import require_safe

from background.outages import is_away
from core.api.errors import problem
from core.web.links import localized_path, request_origin
from home.models import SiteSettings
from operations.request_context import current_request

if TYPE_CHECKING:
    from django.http import HttpRequest

RETRY_AFTER_SECONDS = 60
SECURITY_TXT_KEPT = timedelta(days=180)
"""How long what security.txt has may be relied on."""


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Return robots.txt (RFC 9309): the folders to skip, and the sitemap."""
    folders = [
        reverse("wagtailadmin_home"),
        _folder("contributions:follow", "x"),
        localized_path("search", settings.LANGUAGE_CODE),
        _folder("events:register", UUID(int=0)),
        _folder("network:confirm", "x"),
    ]
    lines = [
        "User-agent: *",
        *(f"Disallow: {folder}" for folder in folders),
        f"Sitemap: {request_origin(request)}{reverse('sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Return security.txt (RFC 9116): how a vulnerability is reported.

    Raises:
        Http404: nobody can be written to, and the file would be invalid.
    """
    contacts = settings.SECURITY_CONTACTS or [SiteSettings.load().contact_email]
    fields = [("Contact", f"mailto:{each}" if "@" in each else each) for each in contacts if each]
    if not fields:
        raise Http404
    # Less than a year ahead, as its section 2.5.5 recommends, and alike for a whole day.
    expires = timezone.now().astimezone(UTC).date() + SECURITY_TXT_KEPT
    fields += [
        ("Expires", f"{expires.isoformat()}T00:00:00Z"),
        ("Preferred-Languages", "fr, en"),
        ("Policy", settings.SECURITY_POLICY_URL),
    ]
    if request_origin(request).startswith("https://"):
        fields.append(("Canonical", f"{request_origin(request)}{request.path}"))
    text = "".join(f"{name}: {value}\n" for name, value in fields if value)
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def _folder(route: str, last: object) -> str:
    """Return the path that the addresses of a route share, before their last part."""
    return localized_path(route, settings.LANGUAGE_CODE, last).removesuffix(f"{last}/")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the answer 404: a page, or a problem on the API."""
    return lost(request, HTTPStatus.NOT_FOUND)


def lost(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """Return the answer to an address at which nothing can be: a page, or a problem on the API."""
    if request.path.startswith("/api/"):
        return problem(request, status, "No endpoint answers to this address.")
    return render(request, "404.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the answer to what can't be read: on the API, a problem.

    Without a page of ours: the host that was asked for may be what is wrong.
    """
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    status = HTTPStatus.BAD_REQUEST
    if isinstance(exception, RequestDataTooBig):
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return problem(request, status, "The request can't be read.")


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the answer 500, or 503 while the database is away: a page, or a problem on the API."""
    without_database = is_away(sys.exc_info()[1])
    status = (
        HTTPStatus.SERVICE_UNAVAILABLE if without_database else HTTPStatus.INTERNAL_SERVER_ERROR
    )
    # Nothing is read from the database, which may be what failed.
    if request.path.startswith("/api/"):
        response = problem(request, status, "The server failed; the error has been logged.")
    else:
        is_reported = bool(settings.ADMINS or settings.SENTRY_DSN)
        context = current_request()
        values = {"is_reported": is_reported, "reference": context.id if context else ""}
        response = HttpResponse(loader.get_template("500.html").render(values), status=status)
    if without_database:
        # Robots come back, and forget no page (RFC 9110, 10.2.3 and 15.6.4).
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
