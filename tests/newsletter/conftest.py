from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.answers import path_in_mail

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks: Any) -> Callable[[], Any]:
    """Do what waits for the end of the transaction."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def link_in_mail() -> Callable[[str], str]:
    """Return the path of ours, in the last e-mail, that begins with some words."""

    def find(part: str) -> str:
        return path_in_mail(f"/lettre/{part}/")

    return find
