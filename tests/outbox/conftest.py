from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.mail_server import MailServer, use_server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    """A real mail server, and a worker to send to it as in production."""
    with MailServer() as server:
        use_server(settings, server.port)
        yield server
