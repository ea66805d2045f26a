"""Twenty thousand letters to a real SMTP sink: how fast, how much memory, next to Django's loop."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from benchmarks.harness import ROOT, database
from benchmarks.running import SETUP, django_in

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTS = (2_000, 20_000)
MEBI = 1024 * 1024
SINK = """
import asyncio, sys
from aiosmtpd.smtp import SMTP

class Handler:
    taken = 0
    async def handle_DATA(self, server, session, envelope):
        Handler.taken += 1
        return "250 OK"

async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Handler(), loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


def run() -> list[str]:
    """Return the figures as lines of Markdown."""
    lines = [
        "An issue with six items, PostgreSQL, a sink (aiosmtpd) in its own process:",
        "",
        "| what sends | subscribers | messages/s | memory of one process at most |",
        "|---|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory(prefix="pare-bench-") as folder, _sink() as port:
        for count in COUNTS:
            for workers in (1, 2):
                if count == COUNTS[0] and workers > 1:
                    continue
                lines.append(
                    _line(
                        f"{workers} × `send_newsletters`",
                        count,
                        _send(folder, port, count, workers),
                    )
                )
        lines.append(_line("Django's own loop, one connection", COUNTS[1], _loop(folder, port)))
    return lines


def _line(name: str, count: int, figures: dict[str, float]) -> str:
    return (
        f"| {name} | {count} | {figures['per_second']:.0f} | {figures['memory'] / MEBI:.0f} MiB |"
    )


@contextmanager
def _sink() -> Iterator[int]:
    with subprocess.Popen(
        [sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdout is None:
            raise RuntimeError("the sink says nothing")
        yield int(process.stdout.readline())
        process.kill()


def _environment(url: str, folder: str, port: int) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "VAR_DIR": folder,
    }


def _send(folder: str, port: int, count: int, workers: int) -> dict[str, float]:
    with database() as url:
        environment = _environment(url, folder, port)
        django_in(environment, f"from benchmarks.newsletter import prepare as p; p({count})")
        command = [
            sys.executable,
            "-c",
            SETUP + "from benchmarks.newsletter import work; work()",
        ]
        running = [
            subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **environment},
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(workers)
        ]
        reports = [json.loads(process.communicate()[0].splitlines()[-1]) for process in running]
    begun = min(each["begun"] for each in reports)
    ended = max(each["ended"] for each in reports)
    return {
        "per_second": sum(each["tried"] for each in reports) / (ended - begun),
        "memory": max(each["memory"] for each in reports),
    }


def _loop(folder: str, port: int) -> dict[str, float]:
    with database() as url:
        environment = _environment(url, folder, port)
        django_in(environment, f"from benchmarks.newsletter import prepare as p; p({COUNTS[1]})")
        report: dict[str, float] = json.loads(
            django_in(environment, "from benchmarks.newsletter import loop as l; l()")
        )
    return report


def prepare(count: int) -> None:
    """Make an issue whose sending has begun, to so many people."""
    from wagtail.models import Page  # noqa: PLC0415 (once Django is set up)

    from benchmarks.content import make_resources  # noqa: PLC0415
    from home.models import HomePage  # noqa: PLC0415
    from newsletter.composing import create_issue_draft  # noqa: PLC0415
    from newsletter.models import Mailing, NewsletterIndexPage, Subscriber  # noqa: PLC0415
    from newsletter.rendering import render_issue  # noqa: PLC0415
    from newsletter.sending import CHUNK  # noqa: PLC0415

    make_resources(6)
    home: Page = HomePage.objects.get()
    archive = NewsletterIndexPage(title="Lettre", slug="lettre", locale=home.locale)
    home.add_child(instance=archive)
    page = create_issue_draft(archive)
    Subscriber.objects.bulk_create(
        (Subscriber(email=f"a-{n}@example.org", state="active") for n in range(count)),
        batch_size=CHUNK,
    )
    rendered = render_issue(page, "http://localhost")
    mailing = Mailing.objects.create(
        page=page,
        state="sending",
        subject=rendered.subject,
        html=rendered.html,
        text=rendered.text,
    )
    mailing.deliveries.bulk_create(
        (
            mailing.deliveries.model(mailing=mailing, subscriber_id=key)
            for key in Subscriber.objects.values_list("pk", flat=True)
        ),
        batch_size=CHUNK,
    )


def work() -> None:
    """Send until nothing is left, and print what it took."""
    from newsletter.sending.worker import Worker  # noqa: PLC0415 (once Django is set up)

    begun = time.time()
    tried = Worker().run(once=True)
    _print({"tried": tried, "begun": begun, "ended": time.time(), "memory": _memory()})


def loop() -> None:
    """Send the same letters as a program without any promise does: all in one go."""
    from django.conf import settings  # noqa: PLC0415 (once Django is set up)
    from django.core.mail import get_connection  # noqa: PLC0415

    from newsletter.models import Delivery, Mailing  # noqa: PLC0415
    from newsletter.rendering import RenderedIssue  # noqa: PLC0415
    from newsletter.sending.worker import compose  # noqa: PLC0415

    mailing = Mailing.objects.get()
    rendered = RenderedIssue(mailing.subject, mailing.html, mailing.text)
    begun = time.time()
    messages = [
        compose(delivery, rendered) for delivery in Delivery.objects.select_related("subscriber")
    ]
    with get_connection(settings.OUTBOX_EMAIL_BACKEND) as connection:
        sent = connection.send_messages(messages)
    took = time.time() - begun
    _print({"per_second": (sent or 0) / took, "memory": _memory()})


def _memory() -> int:
    """Return what this process held at most, in bytes (Linux counts in KiB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _print(report: dict[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(report)}\n")
    sys.stdout.flush()
