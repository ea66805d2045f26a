"""Metrics in Prometheus's format: requests by view and status, queues, the cache.

Not django-prometheus, which times each request ten times over, by method, content type and size,
and wraps the drivers of the database and the cache.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.db.models import Count, Min
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from background.state import alive, job_states
from newsletter.models import Delivery
from operations.request_context import view_name
from outbox.models import OutgoingEmail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpRequest, HttpResponse

CONTENT_TYPE = CONTENT_TYPE_LATEST
REQUESTS = Counter("pare_http_requests", "Requests answered.", ["view", "status"])
SECONDS = Histogram(
    "pare_http_request_seconds",
    "Time to answer, until the content begins.",
    ["view"],
    buckets=(0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
WORKERS = ("tasks", "scheduler")
CACHED = Counter("pare_cached_responses", "Responses that may be cached, by result.", ["result"])


class MetricsMiddleware:
    """Count the requests of the site, the API and the admin; not those of static files."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and count it."""
        began = time.perf_counter()
        response = self.get_response(request)
        view = view_name(request) or "none"
        REQUESTS.labels(view, response.status_code).inc()
        SECONDS.labels(view).observe(time.perf_counter() - began)
        if result := getattr(request, "cache_result", ""):
            CACHED.labels(result).inc()
        return response


class QueueCollector(Collector):
    """What waits in the database, counted when it is asked for."""

    def collect(self) -> Iterator[Any]:
        """Yield the metrics of each queue; none while the database is away."""
        try:
            yield from [*tasks(), *workers(), *letters(), *deliveries()]
        except DatabaseError:
            return


def tasks() -> Iterator[Any]:
    """Yield how many background tasks there are, and since when the oldest waits."""
    count = GaugeMetricFamily("pare_tasks", "Background tasks.", labels=["task", "status"])
    age = GaugeMetricFamily(
        "pare_tasks_oldest_seconds", "Since when the oldest that waits does.", labels=["task"]
    )
    rows = DBTaskResult.objects.exclude(status="SUCCESSFUL").values("task_path", "status")
    for row in rows.annotate(count=Count("pk"), since=Min("enqueued_at")).order_by("task_path"):
        count.add_metric([row["task_path"], row["status"]], row["count"])
        if row["status"] == "READY":
            age.add_metric([row["task_path"]], _seconds_since(row["since"]))
    yield count
    yield age


def workers() -> Iterator[Any]:
    """Yield how many processes do background work, and which commands of the clock are late."""
    now = timezone.now()
    alive_now = GaugeMetricFamily("pare_workers", "Processes that are alive.", labels=["kind"])
    for kind in WORKERS:
        alive_now.add_metric([kind], len(alive(kind, now)))
    late = GaugeMetricFamily("pare_job_late", "1 where a command is late.", labels=["command"])
    for job in job_states(now):
        late.add_metric([job.name], int(job.is_late))
    yield alive_now
    yield late


def letters() -> Iterator[Any]:
    """Yield how many e-mails were not sent, by state, and since when the oldest waits."""
    count = GaugeMetricFamily("pare_emails", "E-mails that were not sent.", labels=["state"])
    rows = OutgoingEmail.objects.filter(state__in=[*OutgoingEmail.OPEN, *OutgoingEmail.LOST])
    for state, number in rows.order_by().values_list("state").annotate(Count("pk")):
        count.add_metric([state], number)
    since = OutgoingEmail.objects.unsent().aggregate(since=Min("created_at"))["since"]
    age = GaugeMetricFamily("pare_emails_oldest_seconds", "Since when the oldest that waits does.")
    age.add_metric([], _seconds_since(since) if since else 0)
    yield count
    yield age


def deliveries() -> Iterator[Any]:
    """Yield how many messages of the newsletter are not sent yet, or uncertain."""
    count = GaugeMetricFamily(
        "pare_newsletter_deliveries", "Messages of the newsletter.", labels=["state"]
    )
    rows = Delivery.objects.filter(state__in=[*Delivery.OPEN, Delivery.State.UNCERTAIN])
    for state, number in rows.order_by().values_list("state").annotate(Count("pk")):
        count.add_metric([state], number)
    yield count


def _seconds_since(moment: Any) -> float:
    return max(0.0, (timezone.now() - moment).total_seconds())


def exposition() -> bytes:
    """Return all metrics: of every web process where several share their counts."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry = REGISTRY
    queues = CollectorRegistry()
    queues.register(QueueCollector())
    return generate_latest(registry) + generate_latest(queues)
