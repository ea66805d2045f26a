"""The antivirus: clamd, asked over its own protocol (clamd(8), INSTREAM).

A scanner that does not answer keeps the file in quarantine: it never lets it through.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from contributions.models import ContributionFile, FileState

CHUNK = 1 << 16
SECONDS = 120


class ScannerUnavailable(Exception):
    """The scanner is down, or answered something that is no verdict."""


@dataclass(frozen=True)
class ScanResult:
    """What the scanner found: nothing, or malware by the name of its signature."""

    signature: str = ""


def is_configured() -> bool:
    """Return whether there is a scanner to ask."""
    return bool(settings.CLAMD_URL)


def scan_stream(content: IO[bytes]) -> ScanResult:
    """Send a content to clamd.

    Raises:
        ScannerUnavailable: there is no verdict.
    """
    try:
        with _connect() as connection:
            connection.sendall(b"zINSTREAM\0")
            while piece := content.read(CHUNK):
                connection.sendall(struct.pack("!L", len(piece)) + piece)
            connection.sendall(struct.pack("!L", 0))
            data = b""
            while not data.endswith(b"\0"):
                piece = connection.recv(4096)
                if not piece:
                    break
                data += piece
    except OSError as error:
        raise ScannerUnavailable(str(error)) from error
    answer = data.rstrip(b"\0").decode("utf-8", "replace").strip()
    if answer == "stream: OK":
        return ScanResult()
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        return ScanResult(answer[len("stream: ") : -len(" FOUND")])
    raise ScannerUnavailable(answer or "empty answer")


def _connect() -> socket.socket:
    where = urlsplit(settings.CLAMD_URL)
    if where.scheme == "unix":
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(SECONDS)
        connection.connect(where.path)
        return connection
    return socket.create_connection((where.hostname or "", where.port or 3310), timeout=SECONDS)


def scan(file: ContributionFile) -> FileState:
    """Scan one file, and store the result.

    Running it twice is harmless; a file that is already clean or refused stays so.
    """
    waiting = (FileState.RECEIVED, FileState.QUARANTINED, FileState.SCANNING)
    claimed = ContributionFile.objects.filter(pk=file.pk, state__in=waiting)
    if not claimed.update(state=FileState.SCANNING):
        return FileState(file.state)
    try:
        with file.file.open("rb") as content:
            result = scan_stream(content)
    except (ScannerUnavailable, OSError) as error:
        state, verdict = FileState.QUARANTINED, str(error)
    else:
        if result.signature:
            file.refuse("infected", result.signature[:200])
            return FileState(file.state)
        state, verdict = FileState.CLEAN, ""
    file.state, file.verdict, file.scanned_at = state, verdict[:200], timezone.now()
    file.save(update_fields=["state", "verdict", "scanned_at"])
    return state
