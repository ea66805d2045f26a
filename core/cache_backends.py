"""A cache that may be absent: where Redis fails, nothing is in it."""

from __future__ import annotations

import logging
import threading
from functools import wraps
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

logger = logging.getLogger(__name__)
Result = TypeVar("Result")

TIMEOUT_SECONDS = 0.5
PAUSE_SECONDS = 5
"""How long a server that did not answer is left alone."""
LOG_SECONDS = 60


class Unreachable(Exception):
    """The server is left alone for now."""


class Breaker:
    """Whether a server is asked: not for a while after it failed, so that one thread waits alone.

    One for each process, since each thread has a cache object of its own.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_open = False
        self._asked_again_at = 0.0
        self._logged_at = float("-inf")
        self._unlogged = 0

    def call(self, operation: Callable[[], Result]) -> Result:
        """Do what asks the server.

        Raises:
            Unreachable: it failed, or did so a moment ago.
        """
        now = monotonic()
        with self._lock:
            if self._is_open:
                if now < self._asked_again_at:
                    raise Unreachable
                # This thread tries, and those that come meanwhile do not wait for it.
                self._asked_again_at = now + PAUSE_SECONDS
        try:
            result = operation()
        except (RedisError, OSError) as error:
            # An answer that refuses (no memory left, a replica) came at once: nobody waited.
            is_absent = isinstance(error, (RedisConnectionError, RedisTimeoutError, OSError))
            self._record_failure(error, is_absent)
            raise Unreachable from error
        self._record_success()
        return result

    def _record_failure(self, error: Exception, is_absent: bool) -> None:
        now = monotonic()
        with self._lock:
            if is_absent:
                self._is_open, self._asked_again_at = True, now + PAUSE_SECONDS
            self._unlogged += 1
            if now < self._logged_at + LOG_SECONDS:
                return
            count, self._unlogged, self._logged_at = self._unlogged, 0, now
        logger.warning("The cache failed %d times and was done without: %s", count, error)

    def _record_success(self) -> None:
        if not self._is_open:
            return
        with self._lock:
            self._is_open = False
        logger.info("The cache answers again.")


BREAKERS: dict[str, Breaker] = {}


def absent(
    get_value: Callable[..., Any],
) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Give an operation of the cache its result where the server fails.

    Args:
        get_value: makes the result from the operation's arguments, without the cache itself.
    """

    def decorate(method: Callable[..., Result]) -> Callable[..., Result]:
        @wraps(method)
        def wrapper(cache: AbsentRedisCache, *args: Any, **kwargs: Any) -> Any:
            try:
                return cache.breaker.call(lambda: method(cache, *args, **kwargs))
            except Unreachable:
                return get_value(*args, **kwargs)

        return wrapper

    return decorate


class AbsentRedisCache(RedisCache):
    """Django's cache in Redis, for which a server that fails or hangs is an empty one.

    Each operation returns what it returns for a key that is not there, and what is written is
    lost. So nothing may be kept here that can't be computed again, and nothing may be kept under
    a key that a change has to delete: the server may be away when it is to be deleted.
    """

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        """Set the timeouts, unless the settings do.

        A connection that the server has closed meanwhile is opened again once; one that does not
        answer is not asked twice.
        """
        retry = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        options = {
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "socket_timeout": TIMEOUT_SECONDS,
            "retry": retry,
            **params.get("OPTIONS", {}),
        }
        super().__init__(server, {**params, "OPTIONS": options})
        self.breaker = BREAKERS.setdefault(str(server), Breaker())

    @absent(lambda key, default=None, version=None: default)
    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return what is kept, or the default."""
        return super().get(key, default, version)

    @absent(lambda keys, version=None: {})
    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        """Return what is kept of some keys."""
        found: dict[str, Any] = super().get_many(keys, version)
        return found

    @absent(lambda *args, **kwargs: False)
    def has_key(self, key: str, version: int | None = None) -> bool:
        """Return whether something is kept."""
        return bool(super().has_key(key, version))

    @absent(lambda *args, **kwargs: None)
    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        """Keep a value, if the server is there."""
        super().set(key, value, timeout, version)

    @absent(lambda data, *args, **kwargs: list(data))
    def set_many(
        self, data: dict[str, Any], timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[str]:
        """Keep some values, and return the keys that could not be kept."""
        failed: list[str] = super().set_many(data, timeout, version)
        return failed

    @absent(lambda *args, **kwargs: False)
    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Keep a value where there is none, and return whether it was kept."""
        return bool(super().add(key, value, timeout, version))

    @absent(lambda *args, **kwargs: False)
    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep something longer, and return whether it was there."""
        return bool(super().touch(key, timeout, version))

    @absent(lambda *args, **kwargs: False)
    def delete(self, key: str, version: int | None = None) -> bool:
        """Forget something, and return whether it was there."""
        return bool(super().delete(key, version))

    @absent(lambda *args, **kwargs: None)
    def delete_many(self, keys: Iterable[str], version: int | None = None) -> None:
        """Forget some values."""
        super().delete_many(keys, version)

    @absent(lambda: None)
    def clear(self) -> None:
        """Forget everything."""
        super().clear()

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """Add to a number that is kept, and return it.

        Raises:
            ValueError: there is none, or no server.
        """
        try:
            return int(
                self.breaker.call(lambda: super(AbsentRedisCache, self).incr(key, delta, version))
            )
        except Unreachable:
            raise ValueError(f"Key {key!r} not found.") from None
