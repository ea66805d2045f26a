import imaplib
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from newsletter.bounces import take_messages

TIMEOUT = 30


class Command(BaseCommand):
    help = "Take bounces and complaints from the mailbox of BOUNCES_URL, or from files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", nargs="*", help="messages, each in a file; - for one on standard input"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["files"]:
            counts = take_messages(_read(name) for name in options["files"])
        elif settings.BOUNCES_URL:
            counts = take_messages(unseen(settings.BOUNCES_URL))
        else:
            raise CommandError("Give files, or the address of a mailbox in BOUNCES_URL.")
        summary = ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
        self.stdout.write(summary or "Nothing new.")


def _read(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


def unseen(url: str) -> Iterator[bytes]:
    """Yield the unseen messages of a mailbox; each is marked as seen once taken.

    Args:
        url: imaps://USER:PASSWORD@HOST[:PORT]/FOLDER, or imap:// inside a safe network.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    server: imaplib.IMAP4
    if parts.scheme == "imaps":
        server = imaplib.IMAP4_SSL(host, port or 993, timeout=TIMEOUT)
    else:
        server = imaplib.IMAP4(host, port or 143, timeout=TIMEOUT)
    with server:
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        server.select(unquote(parts.path.lstrip("/")) or "INBOX")
        _status, found = server.search(None, "UNSEEN")
        for number in found[0].split():
            _status, answer = server.fetch(number.decode(), "(BODY.PEEK[])")
            for part in answer:
                if isinstance(part, tuple):
                    yield part[1]
            server.store(number.decode(), "+FLAGS", "\\Seen")
