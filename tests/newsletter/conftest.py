from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail, signing

from core.public_forms import MIN_FILL_SECONDS, STARTED_SALT

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def started() -> dict[str, Any]:
    """What a form that was opened a while ago carries."""
    return {"started": signing.dumps(int(time.time()) - MIN_FILL_SECONDS - 1, salt=STARTED_SALT)}


@pytest.fixture
def link_in_mail() -> Callable[[str], str]:
    """Return the path of ours, in the last e-mail, that begins with some words."""

    def find(part: str) -> str:
        found = re.search(rf"https?://[^/\s]+(/lettre/{part}/[^\s>]+)", mail.outbox[-1].body)
        assert found, mail.outbox[-1].body
        return found[1]

    return find


@pytest.fixture
def on_commit(django_capture_on_commit_callbacks: Any) -> Callable[[], Any]:
    """Do what waits for the end of the transaction."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
