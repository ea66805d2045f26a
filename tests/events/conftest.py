"""What the tests of the agenda share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.core import mail

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def link_in_mail() -> Callable[..., str]:
    """Return the first path of ours in the last e-mail that has some words in its address."""

    def find(part: str, message: int = -1) -> str:
        found = re.search(
            rf"https?://[^/\s]+(/inscriptions/{part}/[^\s]+)", mail.outbox[message].body
        )
        assert found, mail.outbox[message].body
        return found[1]

    return find
