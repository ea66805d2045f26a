"""What every test may ask for. The least valid of everything is in :mod:`tests.factories`."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from wagtail.models import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client

    from core.models import User
    from home.models import HomePage
    from tests.snapshots import Snapshots


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="rewrite the golden files of tests/snapshots; read the diff before committing it",
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = {}
    if connection.vendor != "postgresql":
        missing["postgres"] = f"needs PostgreSQL, and this is {connection.vendor}"
    if not (os.environ.get("PARE_CHROMIUM") or shutil.which("chromium")):
        missing["browser"] = "needs Chromium (PARE_CHROMIUM)"
    for item in items:
        for mark, reason in missing.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def commits(item: pytest.Item) -> bool:
    """Tell whether a test commits, so that its database is emptied at its end."""
    marker = item.get_closest_marker("django_db")
    fixtures = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures or (marker and marker.kwargs.get("transaction")))


BROUGHT = pytest.StashKey[str]()
"""What migrations brought, as JSON."""


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_blocker: Any, pytestconfig: pytest.Config
) -> Iterator[None]:
    """Keep what migrations brought, for after the tests that empty the database."""
    with django_db_blocker.unblock():
        rows = json.loads(connection.creation.serialize_db_to_string())
        # Content types first: whatever is saved before them would make them under other keys.
        rows.sort(key=lambda row: row["model"] != "contenttypes.contenttype")
        pytestconfig.stash[BROUGHT] = json.dumps(rows)
    yield
    # A live server's thread may still hold a session, and a database in use can't be dropped.
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Put back what migrations brought, after a test whose database was emptied at its end.

    Tests that commit (threads, a live server) can't be rolled back: the tables are emptied, and
    the next test of this process would find neither home page nor vocabularies.
    """
    try:
        yield
    finally:
        put_back(item, nextitem)


def put_back(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Put back what migrations brought, if this test emptied its database and another follows."""
    brought = item.config.stash.get(BROUGHT, "")
    # After the last test the database itself is gone.
    if nextitem and brought and commits(item):
        from pytest_django.plugin import blocking_manager_key

        with item.config.stash[blocking_manager_key].unblock():
            # Django made content types anew, under other keys than those kept. Sequences go on: the
            # rows put back don't move them.
            call_command(
                "flush",
                verbosity=0,
                interactive=False,
                inhibit_post_migrate=True,
                reset_sequences=False,
            )
            ContentType.objects.clear_cache()
            connection.creation.deserialize_db_from_string(brought)
            ContentType.objects.clear_cache()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Forget what Wagtail and Django keep between requests: each test has a database of its own."""
    cache.clear()
    Site.clear_site_root_paths_cache()
    with translation.override("fr"):
        yield
    cache.clear()


@pytest.fixture
def home(db: None) -> HomePage:
    """The home page, which migrations make the root of the default site."""
    from home.models import HomePage

    return HomePage.objects.get()


@pytest.fixture
def editor(db: None) -> User:
    from tests.factories import UserFactory

    return UserFactory(is_superuser=True, username="editrice")


@pytest.fixture
def editor_client(editor: User, client: Client) -> Client:
    client.force_login(editor)
    return client


@pytest.fixture
def get_json(db: None) -> Callable[..., Any]:
    """Read an address of the API as a stranger does, and expect a 200 unless told otherwise."""
    from django.test import Client

    def get(address: str, /, status: int = 200, **query: Any) -> Any:
        response = Client().get(address, query)
        assert response.status_code == status, response.content[:2000]
        return json.loads(response.content)

    return get


@pytest.fixture
def count_queries() -> Callable[[Callable[[], Any]], int]:
    """Return the number of queries that a call makes."""

    def count(call: Callable[[], Any]) -> int:
        with CaptureQueriesContext(connection) as queries:
            call()
        return len(queries)

    return count


@pytest.fixture
def snapshots(request: pytest.FixtureRequest) -> Snapshots:
    from tests.snapshots import Snapshots

    return Snapshots(
        Path(__file__).parent / "snapshots", update=request.config.getoption("--update-snapshots")
    )
