"""The addresses for programs that watch the server: health and metrics.

Answered before any other middleware, so that neither the name of the host, nor HTTPS, nor the
database, nor a session stands in between.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.utils.crypto import constant_time_compare

from operations import metrics
from operations.health import readiness

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest


class ProbesMiddleware:
    """Answer ``/health/live``, ``/health/ready`` and ``/metrics``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.probes = {
            "/health/live": show_liveness,
            "/health/ready": show_readiness,
            "/metrics": show_metrics,
        }

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a probe, or have the rest answer."""
        probe = self.probes.get(request.path_info)
        if probe is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        response = probe(request)
        response["Cache-Control"] = "no-store"
        return response


def show_liveness(request: HttpRequest) -> HttpResponse:
    """Return 200: this process answers."""
    return JsonResponse({"status": "alive"})


def show_readiness(request: HttpRequest) -> HttpResponse:
    """Return 200, or 503 where visitors would get errors; a missing cache is none."""
    is_ready, found = readiness()
    return JsonResponse(found, status=HTTPStatus.OK if is_ready else HTTPStatus.SERVICE_UNAVAILABLE)


def show_metrics(request: HttpRequest) -> HttpResponse:
    """Return the metrics in Prometheus's format, to who has the token; 404 where none is set."""
    if not settings.METRICS_TOKEN:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    given = request.headers.get("Authorization", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        response = HttpResponse(status=HTTPStatus.UNAUTHORIZED)
        # RFC 9110, 11.6.1.
        response["WWW-Authenticate"] = 'Bearer realm="metrics"'
        return response
    return HttpResponse(metrics.exposition(), content_type=metrics.CONTENT_TYPE)
