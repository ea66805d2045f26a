"""What programs that watch the server are answered."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from core.tasks import read_document
from operations import health
from operations.request_context import HEADER
from outbox.models import OutgoingEmail
from search.tasks import index_items
from tests.background import quick_settings
from tests.factories import NewsPageFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db

STRANGE = {"HTTP_HOST": "10.0.0.7:8000"}
"""A host that is not among ALLOWED_HOSTS, as a program inside asks."""
TOKEN = "un-jeton-de-mesure"


@pytest.fixture(autouse=True)
def forget_migrations() -> None:
    health._has_all_migrations.cache_clear()


class TestHealth:
    @pytest.mark.parametrize("address", ["/health/live", "/health/ready"])
    def test_any_host_is_answered_over_http(
        self, client: Client, settings: SettingsWrapper, address: str
    ) -> None:
        settings.SECURE_SSL_REDIRECT = True

        response = client.get(address, **STRANGE)

        assert response.status_code == 200
        assert response["Cache-Control"] == "no-store"
        assert not response.cookies
        assert client.get("/", **STRANGE).status_code in {301, 400}

    def test_life_needs_no_database(
        self, client: Client, django_assert_num_queries: Callable[[int], Any]
    ) -> None:
        with django_assert_num_queries(0):
            assert client.get("/health/live").json() == {"status": "alive"}

    def test_without_its_database_it_is_not_ready(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert client.get("/health/ready").json()["checks"]["database"] == "ok"

        def refuse(*_args: object) -> None:
            raise OperationalError("connection to server failed: secret-host")

        monkeypatch.setattr(connection, "cursor", refuse)
        response = client.get("/health/ready")

        assert response.status_code == 503
        assert response.json()["status"] == "not ready"
        assert response.json()["checks"]["database"] == "failing: OperationalError"
        assert "secret-host" not in response.content.decode()

    def test_before_its_migrations_it_is_not_ready(self, client: Client) -> None:
        call_command("migrate", "search", "zero", verbosity=0, fake=True)

        first = client.get("/health/ready")
        call_command("migrate", "search", verbosity=0, fake=True)

        assert (first.status_code, first.json()["checks"]["migrations"]) == (503, "missing")
        assert client.get("/health/ready").status_code == 200

    def test_without_a_cache_it_is_ready(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_args: object) -> None:
            raise ConnectionError

        monkeypatch.setattr(health.cache, "set", refuse)

        response = client.get("/health/ready")

        assert response.status_code == 200
        assert response.json()["checks"]["cache"] == "failing: ConnectionError"

    def test_nothing_is_changed_by_a_probe(self, client: Client) -> None:
        for address in ("/health/live", "/health/ready", "/metrics"):
            response = client.post(address)
            assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


@pytest.fixture
def scrape(client: Client) -> Callable[[], dict[str, dict[tuple[str, ...], float]]]:
    """Return the metrics, as the parser of Prometheus reads them: values by labels, by name."""

    def scrape() -> dict[str, dict[tuple[str, ...], float]]:
        response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, **STRANGE)
        assert response.status_code == 200
        found: dict[str, dict[tuple[str, ...], float]] = {}
        for family in text_string_to_metric_families(response.content.decode()):
            for sample in family.samples:
                labels = tuple(sorted(sample.labels.values()))
                found.setdefault(sample.name, {})[labels] = sample.value
        return found

    return scrape


class TestMetrics:
    def test_without_a_token_there_are_none(
        self, client: Client, settings: SettingsWrapper
    ) -> None:
        assert client.get("/metrics").status_code == 404

        settings.METRICS_TOKEN = TOKEN
        refused = client.get("/metrics", headers={"Authorization": "Bearer autre"})

        assert refused.status_code == 401
        assert refused["WWW-Authenticate"].startswith("Bearer")
        assert b"pare_" not in refused.content

    def test_requests_are_counted_by_view_and_status(
        self, settings: SettingsWrapper, client: Client, scrape: Callable[[], Any]
    ) -> None:
        settings.METRICS_TOKEN = TOKEN
        news = NewsPageFactory(title="Une actualité")
        routes = {
            f"/api/v1/news/{news.pk}/": ("200", "api_v1:get_news"),
            "/api/v1/news/999999/": ("404", "api_v1:get_news"),
            news.url: ("200", "wagtail_serve"),
            "/nulle-part/": ("404", "wagtail_serve"),
        }

        before = scrape().get("pare_http_requests_total", {})
        client = type(client)()  # The middleware is chosen as the first request comes.
        for address in routes:
            client.get(address)
        after = scrape()

        for address, labels in routes.items():
            counted = after["pare_http_requests_total"].get(labels, 0) - before.get(labels, 0)
            assert counted == 1, (address, sorted(after["pare_http_requests_total"]))
        text = str(after)
        assert news.slug not in text
        assert "nulle-part" not in text

    def test_the_results_of_the_cache_are_counted(
        self, settings: SettingsWrapper, client: Client, scrape: Callable[[], Any]
    ) -> None:
        settings.METRICS_TOKEN = TOKEN
        settings.RESPONSE_CACHE_SECONDS = 60
        before = scrape().get("pare_cached_responses_total", {})

        etag = client.get("/api/v1/news/?limit=7")["ETag"]
        client.get("/api/v1/news/?limit=7")
        client.get("/api/v1/news/?limit=7", headers={"If-None-Match": etag})

        after = scrape()["pare_cached_responses_total"]
        assert after[("miss",)] - before.get(("miss",), 0) == 1
        assert after[("hit",)] - before.get(("hit",), 0) == 2

    def test_what_waits_is_counted(
        self, settings: SettingsWrapper, scrape: Callable[[], Any]
    ) -> None:
        settings.METRICS_TOKEN = TOKEN
        settings.TASKS = quick_settings.TASKS
        for task in (read_document, read_document, index_items):
            task.enqueue([] if task is index_items else 1)
        old = timezone.now() - timedelta(hours=3)
        OutgoingEmail.objects.create(address="a@example.org", created_at=old)
        OutgoingEmail.objects.create(state=OutgoingEmail.State.REFUSED, created_at=old)

        found = scrape()

        assert found["pare_tasks"][("READY", "core.tasks.read_document")] == 2
        assert found["pare_tasks"][("READY", "search.tasks.index_items")] == 1
        assert found["pare_emails"] == {("waiting",): 1, ("refused",): 1}
        assert found["pare_emails_oldest_seconds"][()] == pytest.approx(3 * 3600, abs=60)
        assert found["pare_workers"] == {("scheduler",): 0, ("tasks",): 0}
        assert found["pare_job_late"][("publish_scheduled",)] == 1
        assert 0 <= found["pare_tasks_oldest_seconds"][("search.tasks.index_items",)] < 60

    def test_a_scrape_costs_the_same_for_one_task_and_for_twenty(
        self, settings: SettingsWrapper, scrape: Callable[[], Any], count_queries: Any
    ) -> None:
        settings.METRICS_TOKEN = TOKEN
        settings.TASKS = quick_settings.TASKS
        read_document.enqueue(1)
        few = count_queries(scrape)
        for number in range(20):
            read_document.enqueue(number)

        assert count_queries(scrape) == few

    def test_processes_share_their_counts(self, tmp_path: Any) -> None:
        count = (
            "import sys; from prometheus_client import Counter;"
            "Counter('pare_shared', 'Shared.').inc(int(sys.argv[1]))"
        )
        environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
        for number in ("2", "3"):
            subprocess.run([sys.executable, "-c", count, number], env=environment, check=True)
        read = (
            "import django; django.setup();"
            "from operations import metrics; metrics.QueueCollector.collect = lambda self: ();"
            "print(metrics.exposition().decode())"
        )
        found = subprocess.run(
            [sys.executable, "-c", read],
            env={**environment, "PYTHONPATH": ".:site"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

        assert "pare_shared_total 5.0" in found


def test_each_response_has_a_number_of_its_own(client: Client, settings: SettingsWrapper) -> None:
    numbers = {client.get(address)[HEADER] for address in ("/", "/", "/nulle-part/", "/api/v1/")}
    assert len(numbers) == 4

    given = {"HTTP_X_REQUEST_ID": "du-mandataire-1"}
    assert client.get("/", **given)[HEADER] != "du-mandataire-1"
    settings.REQUEST_ID_HEADER = "HTTP_X_REQUEST_ID"
    assert client.get("/", **given)[HEADER] == "du-mandataire-1"
    for forged in ("court", "a" * 65, "deux\nlignes-de-log", "<script>alert</script>"):
        assert client.get("/", HTTP_X_REQUEST_ID=forged)[HEADER] != forged
