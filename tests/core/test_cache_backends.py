"""A cache that fails is an empty one: the site does without, and finds it again."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.test import Client
from django.urls import reverse

from core import cache_backends
from home.models import SiteSettings
from tests.factories import ResourcePageFactory, resource_index
from tests.redis import RedisServer, redis_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from core.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

READ = (
    *("search", "sitemap", "robots", "resource-feed", "newsletter:subscribe", "newsletter-feed"),
    *("contributions:choose", "api_v1:list_resources", "api_v1:get_site"),
)
ADMIN = ("wagtailadmin_home", "wagtailadmin_explore_root", "wagtailredirects:index")


def addresses() -> list[str]:
    """Return addresses of the site, the API and its forms, and one at which nothing is."""
    return ["/", "/pas-la/", resource_index().url, *map(reverse, READ)]


class Clock:
    """The seconds that the breaker counts."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(cache_backends, "monotonic", clock)
    return clock


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    monkeypatch.setattr(cache_backends, "BREAKERS", {})
    with redis_server() as server:
        settings.CACHES = settings.CACHES | {
            "default": {
                "BACKEND": "core.cache_backends.AbsentRedisCache",
                "LOCATION": server.url,
            }
        }
        settings.RESPONSE_CACHE_SECONDS = 300
        yield server


FAULTS: dict[str, Callable[[RedisServer], None]] = {
    "stopped": RedisServer.stop,
    "hanging": RedisServer.hang,
}
REPAIRS: dict[str, Callable[[RedisServer], None]] = {
    "stopped": RedisServer.start,
    "hanging": RedisServer.go_on,
}


def levels(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the levels of what the cache has logged."""
    return [record.levelname for record in caplog.records if record.name == cache_backends.__name__]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_site_is_served_without_redis_and_finds_it_again(  # noqa: PLR0917
    server: RedisServer,
    clock: Clock,
    fault: str,
    editor: User,
    caplog: pytest.LogCaptureFixture,
    count_queries: Callable[..., int],
    started: dict[str, Any],
) -> None:
    SiteSettings.load()
    ResourcePageFactory(title="Guide")
    team = Client()
    team.force_login(editor)
    for path in addresses():
        Client().get(path)
    listed = reverse("api_v1:list_resources")
    assert count_queries(lambda: Client().get(listed)) == 1, "it was kept"
    caplog.set_level(logging.INFO, logger=cache_backends.__name__)

    FAULTS[fault](server)
    begun = time.perf_counter()
    found = {path: Client().get(path).status_code for path in addresses()}
    found |= {name: team.get(reverse(name)).status_code for name in ADMIN}
    form = {"email": "ada@example.org", "consent": "on", "consent_version": "2026-01", **started}
    found["form"] = Client().post(reverse("newsletter:subscribe"), form).status_code
    seconds = time.perf_counter() - begun

    assert found.pop("/pas-la/") == 404
    assert found.pop("form") == 302
    assert {path: status for path, status in found.items() if status != 200} == {}
    assert levels(caplog) == ["WARNING"]
    assert seconds < 15, "one request waited for Redis, and not all"

    REPAIRS[fault](server)
    cache.set("found", 1)
    assert cache.get("found") is None, "it is left alone for a while"
    clock.now += cache_backends.PAUSE_SECONDS
    cache.set("found", 1)
    assert cache.get("found") == 1
    assert levels(caplog) == ["WARNING", "INFO"]


def test_a_failure_is_logged_once_a_minute(
    server: RedisServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    server.stop()

    for _ in range(180):
        cache.get("a")
        clock.now += 1

    assert len(caplog.records) == 3
    assert "failed 12 times" in caplog.records[-1].getMessage()


def test_threads_wait_for_a_hanging_server_once(server: RedisServer) -> None:
    server.hang()
    begun = time.perf_counter()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: cache.get("a"), range(400))) == {None}

    assert time.perf_counter() - begun < 10 * cache_backends.TIMEOUT_SECONDS


def test_a_connection_that_the_server_closed_is_opened_again(server: RedisServer) -> None:
    cache.set("a", 1)
    server.stop()
    server.start()

    cache.set("a", 2)

    assert cache.get("a") == 2


CALLS: dict[str, tuple[tuple[Any, ...], Any]] = {
    "add": (("a", 1), False),
    "clear": ((), None),
    "delete": (("a",), False),
    "delete_many": ((["a"],), None),
    "get": (("a", "default"), "default"),
    "get_many": ((["a"],), {}),
    "has_key": (("a",), False),
    "incr": (("a",), ValueError),
    "set": (("a", 1), None),
    "set_many": (({"a": 1},), ["a"]),
    "touch": (("a",), False),
}


def test_every_operation_finds_an_empty_cache(server: RedisServer) -> None:
    operations = {name for name in vars(RedisCache) if not name.startswith("_")}
    assert set(CALLS) == operations - {"get_backend_timeout"}
    server.stop()

    for name, (arguments, expected) in CALLS.items():
        if expected is ValueError:
            with pytest.raises(ValueError, match="not found"):
                getattr(cache, name)(*arguments)
        else:
            assert getattr(cache, name)(*arguments) == expected, name


def test_each_operation_does_what_it_does_in_django(server: RedisServer) -> None:
    assert cache.add("a", 1) is True
    assert cache.add("a", 2) is False
    assert cache.incr("a", 3) == 4
    assert cache.get("a") == 4
    assert cache.touch("a") is True
    assert cache.has_key("a")
    assert cache.delete("a") is True
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    assert cache.set_many({"b": "ä", "c": [1]}) == []
    assert cache.get_many(["b", "c", "d"]) == {"b": "ä", "c": [1]}
    cache.delete_many(["b"])
    assert cache.get("b") is None
    assert cache.get_or_set("e", lambda: 5) == 5
    cache.clear()
    assert cache.get("c") is None
