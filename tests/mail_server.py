"""A real SMTP server that refuses, hangs, or drops connections as a test wants it to."""

from __future__ import annotations

import asyncio
import socket
from email import message_from_bytes, policy
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from collections.abc import Callable
    from email.message import EmailMessage
    from types import TracebackType


def use_server(settings: Any, port: int) -> None:
    """Have letters wait for a worker, and leave for a server on this machine."""
    settings.OUTBOX_IMMEDIATE = False
    settings.OUTBOX_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 0.3


def free_port() -> int:
    """Return a port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class MailServer:
    """Takes everything, unless a rule answers otherwise.

    Attributes:
        messages: what was taken.
        on_rcpt: given an address, returns an answer instead of taking it.
        on_data: given a message, returns an answer instead of taking it.
        on_taken: called once a message is taken, before the server answers; may drop or hang.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.on_rcpt: Callable[[str], str | None] = lambda address: None
        self.on_data: Callable[[EmailMessage], str | None] = lambda message: None
        self.hangs = self.drops = self.drops_once_taken = False
        self.port = free_port()
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> MailServer:
        self.controller.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.controller.stop()

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.hangs:
            await asyncio.sleep(5)
        if self.drops:
            server.transport.abort()
            return "451 Dropped"
        answer = self.on_rcpt(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
            return "250 OK"
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = cast("EmailMessage", message_from_bytes(envelope.content, policy=policy.default))
        answer = self.on_data(message)
        if answer is None:
            self.messages.append(message)
            if self.drops_once_taken:
                server.transport.abort()
            return "250 OK"
        return answer
