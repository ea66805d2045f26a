from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import ContentVersion
from core.replicas import ABSENCES, REPLICA_ALIAS, _is_reading_replica, reading_replica
from operations.doctor import Severity, check_replica
from resources.models import ResourcePage
from tests.factories import ResourcePageFactory
from tests.factories.publishing import publish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _replica(db: None, settings: SettingsWrapper) -> Iterator[None]:
    """A second connection to the database of the test: a replica that is never late."""
    connections.databases[REPLICA_ALIAS] = dict(connections[DEFAULT_DB_ALIAS].settings_dict)
    settings.DATABASE_ROUTERS = ["core.replicas.ReplicaRouter"]
    settings.RESPONSE_CACHE_SECONDS = 300
    replica = connections[REPLICA_ALIAS]

    def ensure_connection() -> None:
        if replica.connection is None:
            with replica.wrap_database_errors:
                replica.connect()

    # Django lets tests connect to the databases alone that are there when they begin.
    replica.ensure_connection = ensure_connection  # type: ignore[method-assign]
    yield
    replica.close()
    del connections[REPLICA_ALIAS]
    del connections.databases[REPLICA_ALIAS]


@pytest.fixture
def paths() -> list[str]:
    """Return an address of each kind that is kept: of pages, of the API, of the search."""
    page = ResourcePageFactory(title="Un guide")
    return [
        page.url,
        reverse("api_v1:list_resources"),
        reverse("api_v1:get_resource", args=[page.pk]),
        f"{reverse('search')}?q=guide",
    ]


def queries(alias: str) -> CaptureQueriesContext:
    return CaptureQueriesContext(connections[alias])


def test_what_anyone_may_read_is_built_from_the_replica(client: Client, paths: list[str]) -> None:
    for path in paths:
        with queries(REPLICA_ALIAS) as replica, queries(DEFAULT_DB_ALIAS) as primary:
            response = client.get(path)

        assert "Un guide" in response.content.decode()
        assert len(replica) > len(primary), path
        # The version of the content; a page is found first.
        assert len(primary) <= (1 if path.startswith("/api/") else 8), path
        assert response.wsgi_request.cache_result == "replica", path  # type: ignore[attr-defined]


def test_a_replica_of_another_version_is_not_read(client: Client, paths: list[str]) -> None:
    number = ContentVersion.current()

    def current() -> int:
        return number - 1 if _is_reading_replica.get() else number

    with (
        patch.object(ContentVersion, "current", current),
        patch("core.api.reading.ContentVersion.current", current),
        queries(REPLICA_ALIAS) as replica,
    ):
        responses = [client.get(path) for path in paths]

    assert [response.status_code for response in responses] == [200] * len(paths)
    assert replica.captured_queries == []
    assert {each.wsgi_request.cache_result for each in responses} == {"miss"}  # type: ignore[attr-defined]


def test_a_replica_that_does_not_answer_costs_no_answer(client: Client, paths: list[str]) -> None:
    replica = connections[REPLICA_ALIAS]
    replica.close()
    replica.settings_dict.update(HOST="127.0.0.1", PORT="1")

    for path in paths:
        assert client.get(path).status_code == 200

    assert REPLICA_ALIAS in ABSENCES


def test_a_replica_lost_in_the_middle_of_an_answer_costs_no_answer(
    client: Client, paths: list[str]
) -> None:
    replica, asked = connections[REPLICA_ALIAS], itertools.count()

    def fail_in_the_middle(execute: Callable[..., Any], *args: Any) -> Any:
        if next(asked):
            raise OperationalError("server closed the connection unexpectedly")
        return execute(*args)

    with replica.execute_wrapper(fail_in_the_middle):
        response = client.get(paths[0])

    assert "Un guide" in response.content.decode()
    assert next(asked) > 1


def test_a_transaction_reads_where_it_writes() -> None:
    with reading_replica(), queries(REPLICA_ALIAS) as replica, transaction.atomic():
        ResourcePageFactory(title="Un guide")
        assert ResourcePage.objects.filter(title="Un guide").exists()

    assert replica.captured_queries == []


def test_a_row_of_the_replica_is_written_to_the_primary() -> None:
    page = ResourcePageFactory(title="Un guide")
    with reading_replica():
        found = ResourcePage.objects.get(pk=page.pk)
    assert found._state.db == REPLICA_ALIAS

    with queries(REPLICA_ALIAS) as replica:
        found.title = "Un autre titre"
        publish(found)
        assert found.get_parent().pk == page.get_parent().pk

    # Django asks for the type of an object where it was read, and types are always there.
    others = [each for each in replica.captured_queries if "content_type" not in each["sql"]]
    assert others == []


def test_the_doctor_asks_whether_it_follows() -> None:
    found = list(check_replica())

    assert found == [
        (Severity.ERROR, "DATABASE_REPLICA_URL leads to a server that follows none."),
    ]


def test_the_doctor_names_a_replica_that_does_not_answer() -> None:
    replica = connections[REPLICA_ALIAS]
    replica.close()
    replica.settings_dict.update(HOST="127.0.0.1", PORT="1")

    [(severity, text)] = check_replica()

    assert severity == Severity.WARNING
    assert text.startswith("The replica does not answer, all is read from the primary")
