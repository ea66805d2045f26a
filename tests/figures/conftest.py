from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from figures.tally import tally

if TYPE_CHECKING:
    from collections.abc import Iterator

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    tally.take()
    yield
    tally.take()


@pytest.fixture
def visitor() -> Client:
    """A person with a browser, unknown to the site."""
    return Client(headers={"User-Agent": FIREFOX})
