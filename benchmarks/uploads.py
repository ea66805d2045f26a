"""What a form of 128 MB costs: the memory of the process that takes it in.

A contribution arrives with two files that fill the quota, over a connection as
slow as a home's is not: as fast as the machine goes. The resident memory of
the web process is read while it does, and after.
"""

from __future__ import annotations

import http.client
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from benchmarks.harness import ROOT, database, gunicorn
from benchmarks.running import django_in

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGA = 1024 * 1024
TOTAL = 126 * MEGA
BOUNDARY = "----pare"
FIELDS = {
    "kind": "news",
    "title": "Un envoi lourd",
    "text": "Deux fichiers.",
    "person_name": "Camille Martin",
    "email": "camille@example.org",
    "role": "professional",
    "structure_name": "Association Exemple",
    "consent": "true",
    "consent_version": "2026-11",
}


def pdf(size: int, seed: int) -> Iterator[bytes]:
    """Yield a valid PDF whose one stream is as long as asked, without holding it."""
    head = b"%PDF-1.4\n"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    ]
    offsets, at = [], len(head)
    parts = [head]
    for number, source in enumerate(objects, start=1):
        offsets.append(at)
        parts.append(b"%d 0 obj\n%s\nendobj\n" % (number, source))
        at += len(parts[-1])
    offsets.append(at)
    start = b"4 0 obj\n<< /Length %d >>\nstream\n" % size
    end = b"\nendstream\nendobj\n"
    yield from parts
    yield start
    block = bytes([65 + seed]) * MEGA
    left = size
    while left:
        yield block[:left]
        left -= min(left, MEGA)
    xref = at + len(start) + size + len(end)
    yield end
    yield b"xref\n0 5\n0000000000 65535 f \n"
    yield b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    yield b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % xref


def body() -> Iterator[bytes]:
    """Yield the whole form."""
    for name, value in FIELDS.items():
        yield (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        ).encode()
    for number in range(2):
        yield (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; '
            f'filename="{number}.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
        ).encode()
        yield from pdf(TOTAL // 2, number)
        yield b"\r\n"
    yield f"--{BOUNDARY}--\r\n".encode()


def resident(pid: int) -> int:
    """Return the resident memory of a process, in bytes (proc(5), statm)."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def children() -> list[int]:
    """Return the web processes: the children of the only gunicorn that this process started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(
                line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line
            )
        except (OSError, ValueError):
            continue
        if int(lines.get("PPid", "0")) == os.getpid():
            parent = int(status.parent.name)
            found += [
                int(child)
                for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
            ]
    return found


def send(address: str, wanted: int = 201) -> float:
    """Send the form; return how long it took.

    Raises:
        RuntimeError: it was not accepted.
    """
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=300)
    length = sum(len(piece) for piece in body())
    start = time.monotonic()
    connection.request(
        "POST",
        "/api/v1/contributions/",
        body=body(),
        headers={
            "Host": "localhost",
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(length),
        },
    )
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != wanted:
        raise RuntimeError(f"answered {answer.status}: {content[:500]!r}")
    return time.monotonic() - start


def run() -> list[str]:
    """Measure, and return the lines to print."""
    with database() as url, tempfile.TemporaryDirectory() as folder:
        environment = {
            "DATABASE_URL": url,
            "VAR_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "EMAIL_URL": "dummymail://",
            "PYTHONPATH": str(ROOT),
        }
        django_in(environment, "print('ready')")
        with gunicorn(environment, workers=1) as address:
            [worker] = children()
            _warm(address)
            before = resident(worker)
            peak = before
            done = threading.Event()

            def watch() -> None:
                nonlocal peak
                while not done.wait(0.005):
                    peak = max(peak, resident(worker))

            watcher = threading.Thread(target=watch)
            watcher.start()
            try:
                seconds = send(address)
            finally:
                done.set()
                watcher.join()
            after = resident(worker)
    return [
        f"A contribution with {TOTAL // MEGA} MB of files, one web process:",
        "",
        "| resident memory | MB |",
        "| --- | ---: |",
        f"| before | {before / MEGA:.0f} |",
        f"| highest while it comes in and is judged | {peak / MEGA:.0f} |",
        f"| after | {after / MEGA:.0f} |",
        "",
        f"It took {seconds:.1f} s.",
    ]


def _warm(address: str) -> None:
    """Ask for a page first: what is imported at the first request is no cost of the upload."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    for path in ("/contribuer/", "/api/v1/contributions/kinds/"):
        connection.request("GET", path, headers={"Host": "localhost"})
        connection.getresponse().read()
