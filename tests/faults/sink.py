"""A mail server that fails in each of the ways that mail servers fail."""

from __future__ import annotations

import asyncio
import queue
import re
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from enum import StrEnum, auto
from typing import TYPE_CHECKING, Any, cast

from aiosmtpd.controller import Controller

from tests.mail_server import MailServer

if TYPE_CHECKING:
    from email.message import EmailMessage

GREY_SECONDS = 1.0
"""How long a server that greylists refuses an address that it does not know."""
LINK = re.compile(r"https://pare\.test(/[^\s<>\"]+)")


class Mode(StrEnum):
    """What the server does with a message."""

    ACCEPT = auto()
    REFUSE_FOR_NOW = auto()
    REFUSE_FOR_GOOD = auto()
    HANG = auto()
    DROP = auto()
    """Drops the connection: before the text, before taking it, and after, in turn."""
    GREYLIST = auto()


class Stage(StrEnum):
    """When a message is held, so that its worker can be killed there."""

    GREETED = auto()
    """Its row is claimed, and nothing was handed over."""
    BEFORE = auto()
    """Its text is handed over, and not taken."""
    TAKEN = auto()
    """It is taken, and the worker does not know."""


@dataclass(frozen=True)
class Letter:
    """A message that was taken."""

    address: str
    name: str
    message: EmailMessage
    is_newsletter: bool
    at: float

    @property
    def number(self) -> str:
        """The UUID of its row, by which its Message-ID begins."""
        return self.name.removeprefix("<").partition(".")[0]

    @property
    def text(self) -> str:
        """Its plain text."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body else ""

    def links(self, part: str) -> list[str]:
        """Return the paths of its links that contain a text."""
        return [path for path in LINK.findall(self.text) if part in path]


class Sink(MailServer):
    """Keeps what it takes, and fails as it is told to.

    Attributes:
        mode: what it does, from the next message on.
        hold_at: where the next message is held, once.
        held: the processes whose message is held.
        letters: what was taken, in its order.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mode = Mode.ACCEPT
        self.hold_at: Stage | None = None
        self.held: queue.Queue[int] = queue.Queue()
        self.letters: list[Letter] = []
        self.known: dict[str, float] = {}
        self.count = 0
        self._go_on: asyncio.Event | None = None

    def restart(self) -> None:
        """Listen again, after ``stop``."""
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    def stop(self) -> None:
        """Have it refuse connections."""
        self.controller.stop()

    def release(self) -> None:
        """Go on with the message that is held."""
        if self._go_on:
            self.controller.loop.call_soon_threadsafe(self._go_on.set)

    def to(self, address: str) -> list[Letter]:
        """Return the letters to an address."""
        return [letter for letter in list(self.letters) if letter.address == address]

    async def _hold(self, stage: Stage, session: Any) -> bool:
        if self.hold_at != stage:
            return False
        self.hold_at = None
        self._go_on = asyncio.Event()
        self.held.put(int(session.host_name.partition(".")[0]))
        await self._go_on.wait()
        return True

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        await self._hold(Stage.GREETED, session)
        return responses

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self.count += 1
        mode = self.mode
        while self.mode == Mode.HANG:
            await asyncio.sleep(0.05)
        if mode == Mode.HANG:
            return "451 Too late"
        if mode == Mode.DROP and self.count % 3 == 0:
            server.transport.abort()
            return "451 Dropped"
        if mode == Mode.REFUSE_FOR_NOW:
            return "451 4.3.0 Try again later"
        if mode == Mode.REFUSE_FOR_GOOD:
            return "550 5.7.1 Not from you"
        if mode == Mode.GREYLIST:
            first = self.known.setdefault(address, time.monotonic())
            if time.monotonic() < first + GREY_SECONDS:
                return "451 4.7.1 Greylisted"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if await self._hold(Stage.BEFORE, session):
            return "451 Never taken"
        if self.mode == Mode.DROP and self.count % 3 == 1:
            server.transport.abort()
            return "451 Dropped"
        message = cast("EmailMessage", message_from_bytes(envelope.content, policy=policy.default))
        self.letters.append(
            Letter(
                envelope.rcpt_tos[0],
                str(message["Message-ID"]),
                message,
                bool(message["List-Id"]),
                time.monotonic(),
            )
        )
        if self.mode == Mode.DROP and self.count % 3 == 2:
            server.transport.abort()
        await self._hold(Stage.TAKEN, session)
        return "250 OK"
