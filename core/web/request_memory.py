"""What is remembered for one request, and must be asked for again in the next.

Wagtail keeps the root paths of sites and the names of languages in Django's cache, and deletes
them when they change. Where each process has its own cache, or where Redis is away at that
moment, the others keep the old ones: every link of the site is wrong for an hour.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from core.compat.caches import SHARING_MODULES

if TYPE_CHECKING:
    from collections.abc import Iterator

_memory: ContextVar[dict[str, Any] | None] = ContextVar("request_memory", default=None)


@contextmanager
def request_memory() -> Iterator[None]:
    """Remember values until the block ends; without it nothing is remembered."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


class RequestMemory:
    """What Wagtail uses of a cache of Django's, for as long as a request."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        """Return what this request remembers."""
        return (_memory.get() or {}).get(key, default)

    def set(
        self, key: str, value: Any, timeout: float | None = None, version: int | None = None
    ) -> None:
        """Remember a value until the request ends."""
        memory = _memory.get()
        if memory is not None:
            memory[key] = value

    def delete(self, key: str, version: int | None = None) -> None:
        """Forget a value that this request has changed."""
        (_memory.get() or {}).pop(key, None)


def patch_wagtail_caches() -> None:
    """Patch Wagtail to share nothing between requests that a change would have to delete."""
    memory = RequestMemory()
    for module in SHARING_MODULES:
        module.cache = memory
