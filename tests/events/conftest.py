"""What the tests of the agenda share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.answers import path_in_mail

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def link_in_mail() -> Callable[..., str]:
    """Return the first path of ours in the last e-mail that has some words in its address."""

    def find(part: str, message: int = -1) -> str:
        return path_in_mail(f"/inscriptions/{part}/", message=message)

    return find
