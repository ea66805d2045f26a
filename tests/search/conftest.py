from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def search(get_json: Callable[..., Any]) -> Callable[..., Any]:
    """Search as a stranger does, and return what the API answers."""

    def search(q: str, **query: Any) -> Any:
        return get_json("/api/v1/search/", q=q, **query)

    return search


@pytest.fixture
def titles(search: Callable[..., Any]) -> Callable[..., list[str]]:
    """Search, and return the titles of what is found, best first."""

    def titles(q: str, **query: Any) -> list[str]:
        return [item["title"] for item in search(q, **query)["items"]]

    return titles
