"""Read the text of a PDF in a process of its own, with little memory and little time.

A PDF comes from outside: whatever it does to the reader (a bomb, a loop, a
crash) must not reach the web process or the worker.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["read", "scanned", "broken"]

SECONDS = 60
MEMORY_BYTES = 1024**3
MAX_CHARACTERS = 400_000


@dataclass(frozen=True)
class Reading:
    """What could be read: the state, the number of pages (if known) and the text."""

    state: State
    page_count: int | None = None
    text: str = ""


def read_pdf(path: Path) -> Reading:
    """Return what can be read of the PDF at ``path``; never raises for a bad file."""
    try:
        done = subprocess.run(  # noqa: S603 (our own module, a path of our own storage)
            [sys.executable, "-I", str(Path(__file__).resolve()), str(path)],
            capture_output=True,
            timeout=SECONDS + 5,
            check=True,
        )
        said = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError):
        return Reading("broken")
    return Reading(said["state"], said["page_count"], said["text"])


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))


def _read(path: str) -> Reading:
    from pypdf import PdfReader  # noqa: PLC0415 (only the limited process loads it)

    reader = PdfReader(path)
    if reader.is_encrypted and not reader.decrypt(""):
        return Reading("broken")
    page_count = len(reader.pages)
    parts: list[str] = []
    length = 0
    for page in reader.pages:
        part = page.extract_text() or ""
        parts.append(part)
        length += len(part)
        if length > MAX_CHARACTERS:
            break
    text = " ".join(" ".join(parts).split())[:MAX_CHARACTERS].replace("\x00", "")
    return Reading("read" if text else "scanned", page_count, text)


if __name__ == "__main__":
    _limit()
    result = _read(sys.argv[1])
    sys.stdout.write(json.dumps(result.__dict__))
