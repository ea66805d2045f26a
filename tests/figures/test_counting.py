"""What is counted, who is not, and that no trace of anybody is left."""

from __future__ import annotations

import logging
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.test import Client
from django.utils import timezone
from wagtail.models import PageViewRestriction

from figures import writing
from figures.models import DailyTotal
from figures.robots import is_robot
from figures.tally import Download, Read, Search, Tally, tally
from figures.writing import flush
from home.models import SiteSettings
from operations.request_context import HEADER
from tests.factories import DocumentFactory, NewsPageFactory, ResourcePageFactory, text_pdf
from tests.factories.network import StructureFactory
from tests.factories.publishing import publish
from tests.figures.conftest import FIREFOX

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.fixtures import SettingsWrapper

    from core.models import Document, User
    from resources.models import ResourcePage

pytestmark = pytest.mark.django_db


def totals() -> dict[tuple[str, int], int]:
    flush()
    rows = DailyTotal.objects.filter(day=timezone.localdate())
    return {(row.counted, row.thing_id): row.total for row in rows}


@pytest.fixture
def page() -> ResourcePage:
    page: ResourcePage = ResourcePageFactory(title="Repérer à l'hôtel")
    return page


@pytest.fixture
def document(django_capture_on_commit_callbacks: Any) -> Document:
    with django_capture_on_commit_callbacks(execute=True):
        document: Document = DocumentFactory(file=text_pdf("Un guide"))
    publish(ResourcePageFactory(document=document))
    return document


def test_pages_structures_and_documents_are_counted(
    page: ResourcePage, document: Document, visitor: Client
) -> None:
    structure = StructureFactory()
    for path in (page.url, page.url + "?de=lettre", structure.path, document.url):
        response = visitor.get(path)
        assert response.status_code == 200
        if response.streaming:
            list(response.streaming_content)  # Closes the file.

    assert totals() == {
        ("page", page.pk): 2,
        ("structure", structure.pk): 1,
        ("document", document.pk): 1,
    }


def test_answers_from_memory_and_those_that_did_not_change_are_counted(
    page: ResourcePage, visitor: Client, settings: SettingsWrapper
) -> None:
    settings.RESPONSE_CACHE_SECONDS = 300
    SiteSettings.load()  # The first reader of a new site has them made.
    first = visitor.get(page.url)
    visitor.get(page.url)
    third = visitor.get(page.url, headers={"If-None-Match": first["ETag"]})

    assert third.status_code == 304
    assert totals() == {("page", page.pk): 3}


def test_totals_add_up(page: ResourcePage, visitor: Client) -> None:
    for _ in range(2):
        visitor.get(page.url)
        flush()

    assert totals() == {("page", page.pk): 2}


def test_searches_are_counted_once_each(visitor: Client, settings: SettingsWrapper) -> None:
    settings.RESPONSE_CACHE_SECONDS = 300
    NewsPageFactory(title="L'emprise", summary="Comprendre l'emprise.")
    for query in (
        *({"q": "emprise"}, {"q": "emprise"}, {"q": "xylophone"}, {"q": "xylophone"}),
        # The same search, looked at further, or no search.
        *({"q": "emprise", "offset": 20}, {"q": "xylophone", "kind": "news"}, {}, {"q": " "}),
    ):
        visitor.get("/recherche/", query)

    assert totals() == {("search", 0): 4, ("empty_search", 0): 2}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"User-Agent": ""},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User-Agent": "python-requests/2.32"},
        {"User-Agent": FIREFOX, "Sec-Purpose": "prefetch;prerender"},
        {"User-Agent": FIREFOX, "Purpose": "prefetch"},
    ],
)
def test_robots_and_browsers_that_fetch_ahead_are_not_counted(
    page: ResourcePage, headers: dict[str, str]
) -> None:
    Client(headers=headers).get(page.url)

    assert totals() == {}


def test_the_team_is_not_counted(page: ResourcePage, reviewer: User, visitor: Client) -> None:
    visitor.force_login(reviewer)

    visitor.get(page.url)
    visitor.get(f"/admin/pages/{page.pk}/view_draft/")

    assert totals() == {}


def test_what_is_no_reading_is_not_counted(page: ResourcePage, visitor: Client) -> None:
    closed = NewsPageFactory()
    PageViewRestriction.objects.create(page=closed, restriction_type="password", password="x")

    visitor.head(page.url)
    visitor.get("/nulle-part/")
    visitor.get("/api/v1/resources/")
    visitor.get("/sitemap.xml")
    assert visitor.get(closed.url).status_code == 200  # It asks for the password.

    assert totals() == {}


def test_a_reading_has_the_same_answer_and_costs_no_query(
    page: ResourcePage,
    visitor: Client,
    count_queries: Callable[..., int],
    settings: SettingsWrapper,
) -> None:
    answers: list[Any] = []

    def read() -> None:
        cache.clear()
        answers.append(visitor.get(page.url))

    read()
    counted = count_queries(read)
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if "figures" not in each]
    visitor = Client(headers={"User-Agent": FIREFOX})

    assert count_queries(read) == counted
    for answer in answers:
        del answer.headers[HEADER]  # Its number is drawn for each.
    assert dict(answers[1].headers) == dict(answers[2].headers)
    assert not answers[1].cookies
    assert "Cookie" not in answers[1].headers.get("Vary", "").replace("Cookie", "", 1)


def test_what_can_not_be_written_waits(
    page: ResourcePage,
    visitor: Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    visitor.get(page.url)
    visitor.get("/recherche/", {"q": "secret"})

    def fail(*args: Any) -> None:
        raise DatabaseError("secret")

    with monkeypatch.context() as patch, caplog.at_level(logging.DEBUG):
        patch.setattr(writing, "write_words", fail)
        flush()
    assert not DailyTotal.objects.exists()
    assert "not written yet" in caplog.text
    assert "secret" not in caplog.text

    assert totals()["page", page.pk] == 1


def test_many_threads_lose_nothing() -> None:
    counting, day = Tally(), timezone.localdate()
    threads = [
        Thread(target=lambda: [counting.add(Read(day, "/")) for _ in range(500)]) for _ in range(4)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert counting.take() == {Read(day, "/"): 2000}
    assert counting.take() == {}


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("figures.tally.MAX_DIFFERENT", 2)
    counting, day = Tally(), timezone.localdate()
    for number in (1, 2, 3, 1):
        counting.add(Download(day, number))

    assert counting.take() == {Download(day, 1): 2, Download(day, 2): 1}


def test_made_up_words_leave_room_for_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("figures.tally.MAX_DIFFERENT", 5)
    monkeypatch.setattr("figures.tally.MAX_WORDS", 2)
    counting, day = Tally(), timezone.localdate()
    for _turn in range(2):
        for words in ("a", "b", "c", "d", "a"):
            counting.add(Search(day, words, is_empty=True))
        counting.add(Read(day, "/"))

        assert counting.take() == {
            Search(day, "a", is_empty=True): 2,
            Search(day, "b", is_empty=True): 1,
            Search(day, "", is_empty=True): 2,
            Read(day, "/"): 1,
        }


def test_the_thread_writes_and_ends_with_its_process(
    monkeypatch: pytest.MonkeyPatch, settings: SettingsWrapper
) -> None:
    written: list[Any] = []
    settings.FIGURES_FLUSH_SECONDS = 3600
    monkeypatch.setattr(writing, "write", written.append)
    monkeypatch.setattr(writing.connections, "close_all", lambda: None)
    monkeypatch.setattr(writing.atexit, "register", lambda finish: finish)
    thread = writing.Writer()
    thread.start()
    first = thread._thread
    thread.start()
    assert thread._thread is first

    tally.add(Search(timezone.localdate(), "", is_empty=False))
    thread.finish()

    assert first is not None
    assert not first.is_alive()
    assert len(written) == 1


def test_names_of_robots_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from figures import robots

    robots._known.clear()
    monkeypatch.setattr(robots, "MAX_KNOWN", 2)

    assert [is_robot(name) for name in (FIREFOX, "curl/8.9", f"{FIREFOX} x", FIREFOX)] == [
        *(False, True, False, False)
    ]
    assert len(robots._known) <= 2
    assert {type(key) for key in robots._known} == {int}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_processes_that_write_at_once_lose_nothing() -> None:
    day = timezone.localdate()

    def write() -> None:
        for turn in range(5):
            writing.write({Download(day, each): 1 for each in range(turn, turn + 10)})
        connection.close()

    threads = [Thread(target=write) for _ in range(3)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sum(row.total for row in DailyTotal.objects.all()) == 150
