"""What every test may ask for. The least valid of everything is in :mod:`tests.factories`."""

from __future__ import annotations

import gc
import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import hypothesis
import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django.plugin import blocking_manager_key
from wagtail.models import Site

from tests.database import TestDatabase
from tests.factories.forms import form_opened_earlier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client
    from pytest_django.live_server_helper import LiveServer

    from core.models import User
    from home.models import HomePage
    from tests.door.world import World
    from tests.snapshots import Snapshots


# How long an example takes is the machine's business.
hypothesis.settings.register_profile("pare", deadline=None)
hypothesis.settings.load_profile("pare")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="rewrite the golden files of tests/snapshots; read the diff before committing it",
    )
    parser.addoption(
        "--update-screenshots",
        action="store_true",
        help="take the pictures of docs/guide/images again, from the browser tests of the guide",
    )
    parser.addoption(
        "--database-only",
        action="store_true",
        help="leave out what does not depend on the database: once is enough for all engines",
    )


SHARED_FOLDER = tempfile.gettempdir()


@pytest.fixture(autouse=True)
def _keep_temporary_files_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sweep nothing that other processes use: a test may be years ahead of their clock."""

    def folder() -> Path:
        found = tempfile.gettempdir()
        return Path(found) if found != SHARED_FOLDER else Path(found) / "pare-nothing-here"

    monkeypatch.setattr("core.files.temporary.temporary_folder", folder)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database-only"):
        others = [item for item in items if not depends_on_engine(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = filter(depends_on_engine, items)
    # One process migrates the template: the other has something to do meanwhile. What is long
    # begins early: at the end, the other would have nothing to do.
    items.sort(key=lambda item: (uses_database(item), not item.get_closest_marker("long")))
    missing = {}
    if connection.vendor != "postgresql":
        missing["postgres"] = f"needs PostgreSQL, and this is {connection.vendor}"
    if not (os.environ.get("PARE_CHROMIUM") or shutil.which("chromium")):
        missing["browser"] = "needs Chromium (PARE_CHROMIUM)"
    for item in items:
        for mark, reason in missing.items():
            if item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def uses_database(item: pytest.Item) -> bool:
    """Return whether a test may use the database."""
    fixtures = {
        *("db", "transactional_db", "live_server", "peopled_site"),
        *("module_database", "module_transaction"),
    } & set(getattr(item, "fixturenames", ()))
    return bool(fixtures or item.get_closest_marker("django_db"))


def depends_on_engine(item: pytest.Item) -> bool:
    """Return whether a test may use the database, and may find another answer on each engine."""
    if item.get_closest_marker("one_engine"):
        return False
    # What is skipped on some engines must not be left out on the others.
    if item.get_closest_marker("postgres") or item.get_closest_marker("skipif"):
        return True
    return uses_database(item)


def commits(item: pytest.Item) -> bool:
    """Return whether a test commits, so that what follows it needs another database."""
    marker = item.get_closest_marker("django_db")
    fixtures = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures or (marker and marker.kwargs.get("transaction")))


DATABASE = pytest.StashKey[TestDatabase]()


def pytest_configure(config: pytest.Config) -> None:
    # Alike in the processes that this one starts.
    if not hasattr(config, "workerinput"):
        os.environ["PARE_TEST_RUN"] = uuid4().hex[:8]


def pytest_collection_finish(session: pytest.Session) -> None:
    # Looking through all that Django has loaded, again and again, takes a sixth of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def pytest_unconfigure(config: pytest.Config) -> None:
    # Of the process that started the others; without a server there is nothing to remove.
    if not hasattr(config, "workerinput") and blocking_manager_key in config.stash:
        with config.stash[blocking_manager_key].unblock(), suppress(DatabaseError):
            get_test_database(config).drop_run()


def get_test_database(config: pytest.Config) -> TestDatabase:
    """Return the database of this process."""
    if DATABASE not in config.stash:
        worker = getattr(config, "workerinput", {}).get("workerid", "main")
        config.stash[DATABASE] = TestDatabase(
            os.environ["PARE_TEST_RUN"], worker, keep=config.getvalue("reuse_db")
        )
    return config.stash[DATABASE]


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, pytestconfig: pytest.Config
) -> Iterator[None]:
    """Give this process a migrated database of its own, in the place of pytest-django's."""
    database = get_test_database(pytestconfig)
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        database.build(again=pytestconfig.getvalue("create_db"))
        # A test that commits is followed by a new copy: emptying every table would be in vain.
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)
        yield
        database.drop()


@pytest.fixture(scope="session")
def live_server(django_db_setup: None, live_server: LiveServer) -> LiveServer:
    """Start the server once the database is a file: in memory, it would share our connection."""
    return live_server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Give the next test another database, after one that committed.

    Tests that commit (threads, a live server) can't be rolled back.
    """
    try:
        yield
    finally:
        # After the last test the database itself is gone.
        if nextitem and commits(item):
            with item.config.stash[blocking_manager_key].unblock():
                get_test_database(item.config).restore()


@pytest.fixture(scope="session", autouse=True)
def django_test_environment(django_test_environment: None) -> None:
    """Have letters go through the outbox, as everywhere, and from there into ``mail.outbox``."""
    settings.EMAIL_BACKEND = "outbox.backends.EmailBackend"


@pytest.fixture(autouse=True)
def _letters_leave_once_committed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send letters once the transaction that wrote them ends, though that of the test goes on."""
    waiting: list[Callable[[], None]] = []
    exit_block = transaction.Atomic.__exit__

    def on_commit(send: Callable[[], None]) -> None:
        if any(block._from_testcase for block in connection.atomic_blocks):
            waiting.append(send)
            send_if_committed()
        else:
            transaction.on_commit(send)

    def leave(block: transaction.Atomic, *args: Any) -> None:
        exit_block(block, *args)
        send_if_committed()

    def send_if_committed() -> None:
        # Of what was taken back there is no row any more.
        while waiting and connection.atomic_blocks and connection.atomic_blocks[-1]._from_testcase:
            waiting.pop(0)()

    monkeypatch.setattr("outbox.backends.on_commit", on_commit)
    monkeypatch.setattr(transaction.Atomic, "__exit__", leave)


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Forget what Wagtail and Django keep between requests: each test has a database of its own."""
    forget()
    with translation.override("fr"):
        yield
    forget()


def forget() -> None:
    """Forget what a process keeps, of rows whose keys another test's will have."""
    from core.replicas import ABSENCES
    from core.schemas.images import UNDRAWN
    from published.documents import UNREADABLE

    cache.clear()
    Site.clear_site_root_paths_cache()
    for absences in (UNDRAWN, UNREADABLE, ABSENCES):
        absences.clear()


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


@pytest.fixture(scope="module")
def module_transaction(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let fixtures of a module write for all of its tests, each of which takes back its own."""
    with django_db_blocker.unblock(), translation.override("fr"), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def module_database(
    django_db_setup: None, django_db_blocker: Any, pytestconfig: pytest.Config
) -> Iterator[TestDatabase]:
    """The database of this process, for a module whose tests share what they put in its place.

    Without the mark ``django_db``: what they write is committed, and goes with the module.
    """
    database = get_test_database(pytestconfig)
    with django_db_blocker.unblock():
        yield database
        database.restore()


@pytest.fixture(scope="module")
def peopled_site(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """A site with its people, made once for the tests of a module, which take back what they write.

    Without the fixture ``db``, which would end the transaction after each test.
    """
    from tests.door.world import build_world

    with django_db_blocker.unblock(), build_world() as world:
        yield world


@pytest.fixture
def world(peopled_site: World) -> Iterator[World]:
    """A story on that site."""
    with peopled_site.begun() as story:
        yield story


@pytest.fixture
def sections(db: None) -> None:
    """The pages under which drafts go."""
    from tests.factories import news_index, resource_index

    news_index()
    resource_index()


@pytest.fixture
def reviewer(db: None) -> User:
    from tests.factories.contributions import member

    return member("Relecture", "relectrice", first_name="Rel", last_name="Ectrice")


@pytest.fixture
def coordinator(db: None) -> User:
    from tests.factories.contributions import member

    return member("Coordination", "coordinatrice")


@pytest.fixture
def director(db: None) -> User:
    from tests.factories.contributions import member

    return member("Direction", "directrice")


@pytest.fixture
def partner(db: None) -> User:
    from tests.factories.contributions import member

    return member("Partenaires", "partenaire")


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
def started() -> dict[str, Any]:
    """Return what a form that was opened a while ago carries."""
    return {"started": form_opened_earlier()}


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
