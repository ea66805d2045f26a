"""What people do while something fails, and what they were answered."""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from uuid import uuid4

from django.urls import reverse

from tests.factories.contributions import form_data
from tests.factories.files import text_pdf
from tests.factories.forms import form_opened_earlier

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from tests.faults.stack import Stack

SERVER_ERROR = 500
NO_ROOM = 507
"""The answer to a file that can't be kept: its sender reads why, and what to do."""
NO_ANSWER = 0
ACKNOWLEDGED = frozenset({200, 201, 202, 302})
PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Answer:
    """What one request was answered."""

    kind: str
    path: str
    status: int
    started: float
    ended: float
    content: bytes

    @property
    def failed(self) -> bool:
        """Whether it is an error of the server, or no answer at all."""
        if self.status == NO_ROOM:
            return False
        return self.status >= SERVER_ERROR or self.status == NO_ANSWER


@dataclass
class Acts:
    """What was promised to people, by their addresses."""

    subscribed: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    registered: list[str] = field(default_factory=list)
    contributed: list[str] = field(default_factory=list)


class Visitors:
    """Each act of a person on the site, once.

    Attributes:
        answers: all of them.
        acts: those that were acknowledged.
    """

    def __init__(self, stack: Stack, training: int, paths: list[str]) -> None:
        self.stack, self.training, self.paths = stack, training, paths
        self.answers: list[Answer] = []
        self.acts = Acts()
        self.numbers = itertools.count(1)
        self.started = form_opened_earlier()

    def _ask(
        self, kind: str, method: str, path: str, body: bytes | None = None, media_type: str = ""
    ) -> Answer:
        number = next(self.numbers)
        headers = {"X-Real-IP": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        if media_type:
            headers["Content-Type"] = media_type
        started = time.monotonic()
        status, content, _headers = self.stack.request(method, path, body, headers)
        answer = Answer(kind, path, status, started, time.monotonic(), content)
        self.answers.append(answer)
        return answer

    def read(self, path: str = "") -> Answer:
        """Read a page or a list of the API."""
        return self._ask("read", "GET", path or random.choice(self.paths))

    def subscribe(self) -> Answer:
        """Ask for the newsletter, by the API."""
        email = _address("lettre")
        path = reverse("api_v1:post_subscription")
        answer = self._post_json(
            "subscribe", path, {"email": email, "consent": True, "consent_version": "2026-01"}
        )
        return _keep(answer, self.acts.subscribed, email)

    def subscribe_by_form(self) -> Answer:
        """Ask for the newsletter, by the form of the site."""
        email = _address("formulaire")
        data = {
            "email": email,
            "consent": "on",
            "consent_version": "2026-01",
            "started": self.started,
        }
        answer = self._post("subscribe by form", reverse("newsletter:subscribe"), data)
        return _keep(answer, self.acts.subscribed, email)

    def confirm(self, email: str) -> Answer | None:
        """Follow the link of the letter to an address, if it came."""
        links = [link for each in self.stack.sink.to(email) for link in each.links("/confirmer/")]
        if not links:
            return None
        answer = self._post("confirm", links[0], {})
        return _keep(answer, self.acts.confirmed, email)

    def register(self) -> Answer:
        """Ask for a seat, by the API."""
        email = _address("inscription")
        path = reverse("api_v1:post_registration", args=[self.training])
        data = {
            "name": "Camille Exemple",
            "email": email,
            "consent": True,
            "consent_version": "2026-01",
        }
        return _keep(self._post_json("register", path, data), self.acts.registered, email)

    def contribute(self, content: bytes | None = None) -> Answer:
        """Send a contribution with a PDF, by the API."""
        email = _address("partenaire")
        boundary = uuid4().hex
        fields = form_data(email=email, title=f"Une journée {email}") | {"kind": "news"}
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="guide.pdf"'
            "\r\nContent-Type: application/pdf\r\n\r\n"
        )
        pdf = content if content is not None else text_pdf("Repérer les signes").read()
        body = "".join(parts).encode() + head.encode() + pdf + f"\r\n--{boundary}--\r\n".encode()
        answer = self._ask(
            "contribute",
            "POST",
            reverse("api_v1:send_contribution"),
            body,
            f"multipart/form-data; boundary={boundary}",
        )
        return _keep(answer, self.acts.contributed, email)

    def confirm_next(self) -> Answer | None:
        """Confirm one of those who asked and whose letter came."""
        left = set(self.acts.subscribed) - set(self.acts.confirmed)
        for email in sorted(left):
            if answer := self.confirm(email):
                return answer
        return None

    def _post(self, kind: str, path: str, data: dict[str, str]) -> Answer:
        body = urlencode(data).encode()
        return self._ask(kind, "POST", path, body, "application/x-www-form-urlencoded")

    def _post_json(self, kind: str, path: str, data: dict[str, Any]) -> Answer:
        return self._ask(kind, "POST", path, json.dumps(data).encode(), "application/json")

    # What came of it

    def failures(self) -> list[Answer]:
        """Return the answers that were errors of the server."""
        return [answer for answer in list(self.answers) if answer.failed]

    def counts(self) -> str:
        """Return how many answers of each status there were."""
        found = Counter(answer.status for answer in list(self.answers))
        return ", ".join(f"{count} × {status}" for status, count in sorted(found.items()))

    def slowest(self) -> float:
        """Return how many seconds the slowest answer took."""
        return max((answer.ended - answer.started for answer in list(self.answers)), default=0.0)


class Traffic:
    """Visitors at work in threads until the block ends."""

    def __init__(self, visitors: Visitors, pause: float = PAUSE_SECONDS, readers: int = 2) -> None:
        acts: list[Callable[[], object]] = [visitors.read] * readers
        acts += [visitors.subscribe, visitors.subscribe_by_form, visitors.register]
        acts += [visitors.contribute, visitors.confirm_next]
        self.pause, self.over = pause, threading.Event()
        self.errors: list[BaseException] = []
        self.threads = [threading.Thread(target=self._repeat, args=(act,)) for act in acts]

    def _repeat(self, act: Callable[[], object]) -> None:
        slower = 1 if getattr(act, "__name__", "") == "read" else 5
        while not self.over.is_set():
            try:
                act()
            except BaseException as error:  # To be raised where the test sees it.
                self.errors.append(error)
                return
            self.over.wait(self.pause * slower)

    def __enter__(self) -> Traffic:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.over.set()
        for thread in self.threads:
            thread.join()
        if not error:
            assert not self.errors, self.errors


def _address(kind: str) -> str:
    return f"{kind}-{uuid4().hex[:12]}@example.org"


def _keep(answer: Answer, acts: list[str], email: str) -> Answer:
    if answer.status in ACKNOWLEDGED:
        acts.append(email)
    return answer
