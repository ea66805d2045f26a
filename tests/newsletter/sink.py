"""A real SMTP server that keeps what it takes, and may misbehave as configured.

Run as a program, it serves until it is stopped and appends to a file, one JSON
line for each message, before it answers: what it accepted is never lost.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import socket
import sys
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


HELD = 0.06
"""Share of the moments at which a message is held, as long as there are holds left."""


class Sink:
    """Takes everything, unless a rule refuses it.

    Attributes:
        messages: the letters that were taken.
        others: what else was.
        on_rcpt: given an address, returns an answer instead of accepting it.
        on_data: given a message, returns an answer instead of taking it.
    """

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.others: list[Message] = []
        self.connections = 0
        self.on_rcpt: Callable[[str], str | None] = lambda address: None
        self.on_data: Callable[[Message], str | None] = lambda message: None

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        answer = self.on_rcpt(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
            return "250 OK"
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content)
        answer = self.on_data(message)
        if answer is None:
            # Wagtail tells reviewers of what waits: that is no letter.
            (self.messages if message["List-Id"] else self.others).append(message)
            return "250 OK"
        return answer


@contextmanager
def running(sink: Sink) -> Iterator[int]:
    """Serve on a free port, and give it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


class Unreliable:
    """Appends what it takes to a file, and drops connections at moments of all kinds.

    Some messages it holds, before it takes them or before it answers: it prints the process of the
    worker that waits, and goes on when a line comes in, so that a test can kill that worker in the
    middle of a message.
    """

    def __init__(self, journal: Path, seed: int, share: float, holds: int) -> None:
        self.journal, self.random, self.share = journal, random.Random(seed), share
        self.holds = holds
        self.released = asyncio.Semaphore(0)

    def _drops(self, server: Any) -> bool:
        if self.random.random() < self.share:
            server.transport.abort()
            return True
        return False

    async def _hold(self, session: Any) -> None:
        if self.holds and self.random.random() < HELD:
            self.holds -= 1
            # The workers of this test greet with their process (faulty_settings).
            print(session.host_name, flush=True)
            await self.released.acquire()

    def release(self) -> None:
        """Go on with as many messages as there are lines to read."""
        for _line in range(os.read(sys.stdin.fileno(), 1024).count(b"\n")):
            self.released.release()

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        self._drops(server)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.random.random() < self.share:
            return "451 Try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await self._hold(session)
        if self._drops(server):
            return "451 Dropped before it was taken"
        message = message_from_bytes(envelope.content)
        with self.journal.open("a") as journal:
            journal.write(json.dumps([envelope.rcpt_tos[0], message["Message-ID"]]) + "\n")
        await self._hold(session)
        if self._drops(server):
            return "250 Taken, but nobody hears it"
        return "250 OK"


async def serve(journal: Path, seed: int, share: float, holds: int) -> None:
    """Serve until the program is stopped; the port is the first line that it prints."""
    loop = asyncio.get_running_loop()
    handler = Unreliable(journal, seed, share, holds)
    loop.add_reader(sys.stdin, handler.release)
    server = await loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
