"""What is written of a fault: once, with its number, and nothing of people."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport

from contributions.tokens import follow_up_url
from core.web.signed_links import make_token
from newsletter.tokens import UNSUBSCRIBE
from operations import errors, logs
from operations.request_context import HEADER
from tests.factories.contributions import ContributionFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper
    from sentry_sdk.envelope import Envelope

ADDRESS = "eleve.en.danger+3@college-exemple.fr"
SESSION, WORD, BROWSER, NETWORK_ADDRESS = "s3ss1on", "mot-cherche", "Navigateur/1", "192.0.2.44"
# Far from what fails in a test: a report quotes the code around.


SECRETS: dict[str, Callable[[], str]] = {
    "address": lambda: ADDRESS,
    "address in a query": lambda: ADDRESS.replace("@", "%40"),
    "token": lambda: make_token(UNSUBSCRIBE, uuid4()),
    "token in a query": lambda: make_token(UNSUBSCRIBE, uuid4()).replace(":", "%3A"),
    "UUID": lambda: str(uuid4()),
    "UUID in hexadecimal": lambda: uuid4().hex,
    "bearer token": lambda: "Bearer abcdEFGH1234_-",
    # As django.contrib.auth.tokens makes one.
    "password reset": lambda: f"d6u5zx-{uuid4().hex}",
}


class Console(logs.ConsoleHandler):
    """The console, read."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.stream = io.StringIO()
        self.setFormatter(formatter)

    @property
    def text(self) -> str:
        written: str = self.stream.getvalue()
        return written

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@pytest.fixture
def listen() -> Iterator[Callable[[logging.Handler], Any]]:
    """Have the root logger write to a handler too."""
    root = logging.getLogger()
    added: list[logging.Handler] = []

    def listen(handler: logging.Handler) -> logging.Handler:
        root.addHandler(handler)
        added.append(handler)
        return handler

    yield listen
    for handler in added:
        root.removeHandler(handler)


@pytest.fixture(params=[logs.PlainFormatter, logs.JsonFormatter], ids=["plain", "JSON"])
def console(request: Any, listen: Callable[[logging.Handler], Any]) -> Console:
    console: Console = listen(Console(request.param()))
    return console


def failing(message: str = "") -> None:
    raise ValueError(message)


def log_failure(message: str, *args: object, error: str = "") -> None:
    try:
        failing(error)
    except ValueError:
        logging.getLogger("essai").exception(message, *args)


class TestScrubbing:
    @pytest.mark.parametrize("name", SECRETS)
    def test_what_opens_or_names_is_removed(self, console: Console, name: str) -> None:
        secret = SECRETS[name]()

        log_failure("Un essai à /x/%s/", secret, error=f"duplicate: {secret} !")

        assert "Un essai à /x/" in console.text
        assert secret.removeprefix("Bearer ") not in console.text
        assert "duplicate: " in console.text
        assert "in failing" in console.text  # Where it happened stays.

    def test_the_values_of_a_row_are_removed(self, console: Console) -> None:
        log_failure("x", error="violates unique\nDETAIL:  Key (name)=(Lina Exemple) exists.\nHINT")

        assert "Lina" not in console.text
        assert "HINT" in console.text

    def test_the_password_of_a_service_is_removed(self, console: Console) -> None:
        log_failure("No answer of postgres://pare:s3cret@db:5432/pare")

        assert "s3cret" not in console.text
        assert "db:5432" in console.text

    @pytest.mark.django_db
    def test_no_link_of_a_person_is_in_the_log_of_a_request(
        self, client: Client, console: Console
    ) -> None:
        path = urlsplit(follow_up_url(ContributionFactory())).path
        token = path.rstrip("/").rpartition("/")[2]

        assert client.get(f"{path}nulle-part/").status_code == 404

        assert "Not Found: /contribuer/" in console.text
        assert token not in console.text


class TestLines:
    def test_times_have_their_zone(self, listen: Callable[[logging.Handler], Any]) -> None:
        plain, structured = (
            listen(Console(logs.PlainFormatter())),
            listen(Console(logs.JsonFormatter())),
        )

        logging.getLogger("essai").error("Un essai")

        time = json.loads(structured.lines[0])["time"]
        assert time[-6] in "+-"
        assert plain.lines[0].split()[0][-6] in "+-"

    def test_json_is_one_object_on_a_line(self, listen: Callable[[logging.Handler], Any]) -> None:
        console = listen(Console(logs.JsonFormatter()))

        log_failure("Un essai à l'été\nsur deux lignes", error="Raté")

        (line,) = console.lines
        entry = json.loads(line)
        assert entry["level"] == "ERROR"
        assert entry["logger"] == "essai"
        assert entry["message"] == "Un essai à l'été\nsur deux lignes"
        assert "ValueError: Raté" in entry["exception"]
        assert "été" in line

    @pytest.mark.django_db
    def test_a_failure_has_the_number_that_its_reader_was_given(
        self,
        client: Client,
        listen: Callable[[logging.Handler], Any],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        console = listen(Console(logs.JsonFormatter()))
        monkeypatch.setattr("pare.views.localized_path", lambda *_args: failing("robots"))
        client.raise_request_exception = False

        response = client.get("/robots.txt")

        entry = next(each for each in map(json.loads, console.lines) if "exception" in each)
        assert response.status_code == 500
        assert entry["request_id"] == response[HEADER]
        assert response[HEADER] in response.content.decode()
        assert entry["view"] == "robots"

    @pytest.mark.django_db
    def test_the_page_of_an_error_promises_what_is_done(
        self, client: Client, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("pare.views.localized_path", lambda *_args: failing("robots"))
        client.raise_request_exception = False

        assert "prévenue" not in client.get("/robots.txt").content.decode()
        settings.ADMINS = [("x", "x@example.org")]
        assert "prévenue" in client.get("/robots.txt").content.decode()


class TestFloods:
    def test_a_fault_is_written_once_a_minute(
        self, console: Console, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 1000.0
        monkeypatch.setattr("operations.logs.time.monotonic", lambda: now)
        console.repetitions = logs.Repetitions()
        for _number in range(500):
            log_failure("La base ne répond pas")

        assert console.text.count("La base ne répond pas") == 1

        now += logs.WINDOW_SECONDS + 1
        log_failure("La base ne répond pas")

        assert console.text.count("La base ne répond pas") == 2
        assert "499 more" in console.text

    def test_another_fault_is_written_beside_it(self, console: Console) -> None:
        for _number in range(50):
            log_failure("La base ne répond pas")
        log_failure("Le cache ne répond pas")

        assert "Le cache ne répond pas" in console.text

    def test_one_line_of_code_fills_no_log_with_different_messages(self, console: Console) -> None:
        for number in range(500):
            log_failure("Nom d'hôte inconnu : %s", f"hote-{number}")

        assert console.text.count("hote-") == logs.MAX_FROM_ONE_PLACE

    def test_what_is_no_warning_is_always_written(
        self, console: Console, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.INFO):
            for _number in range(5):
                logging.getLogger("essai").info("Envoyé")

        assert console.text.count("Envoyé") == 5

    def test_an_unknown_host_is_a_line(self, client: Client, console: Console) -> None:
        for _number in range(3):
            assert client.get("/robots.txt", HTTP_HOST="ailleurs.example").status_code == 400

        about = [line for line in console.lines if "ailleurs" in line]
        assert len(about) == 1
        assert "Traceback" not in console.text


@pytest.fixture
def mailed(
    settings: SettingsWrapper, listen: Callable[[logging.Handler], Any]
) -> logs.ErrorMailHandler:
    settings.ADMINS = [("Astreinte", "astreinte@example.org")]
    settings.OUTBOX_EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    handler: logs.ErrorMailHandler = listen(logs.ErrorMailHandler())
    handler.setFormatter(logs.PlainFormatter())
    return handler


class TestErrorMail:
    def test_an_error_is_sent_once_without_what_names_people(
        self, mailed: logs.ErrorMailHandler, mailoutbox: list[Any]
    ) -> None:
        for _number in range(20):
            log_failure("Échec pour %s", ADDRESS)
        mailed._waiting.join()

        (message,) = mailoutbox
        assert message.to == ["astreinte@example.org"]
        assert message.subject == "[PARÉ] ERROR essai"
        assert "in failing" in message.body
        assert ADDRESS not in message.body

    def test_a_warning_is_not_sent(
        self, mailed: logs.ErrorMailHandler, mailoutbox: list[Any]
    ) -> None:
        logging.getLogger("essai").warning("Presque")
        mailed._waiting.join()

        assert mailoutbox == []

    def test_a_mail_server_that_hangs_holds_nobody(
        self, mailed: logs.ErrorMailHandler, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import threading

        hanging = threading.Event()
        monkeypatch.setattr(
            "django.core.mail.EmailMessage.send", lambda *_args, **_more: hanging.wait(10)
        )
        for number in range(3 * mailed.most):
            log_failure("Échec", error=str(number))
            logging.getLogger(f"essai.{number}").error("Échec %s", number)

        assert not hanging.is_set()  # All of them returned while it hung.
        assert mailed._waiting.qsize() <= mailed.most
        hanging.set()


class Received(Transport):
    """Keeps what would be sent to Sentry."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[Any] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.events.append(envelope.get_event())


@pytest.fixture
def sentry() -> Iterator[Received]:
    received = Received()
    errors.start("http://key@127.0.0.1:9/1", "essai", transport=received)
    yield received
    sentry_sdk.get_client().close()
    sentry_sdk.init()


@pytest.mark.django_db
def test_a_report_has_the_error_and_nothing_of_its_reader(
    client: Client, sentry: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pare.views.localized_path", lambda *_args: failing(f"Pour {ADDRESS}"))
    client.raise_request_exception = False
    client.cookies["sessionid"] = SESSION

    response = client.get(
        "/robots.txt", {"q": WORD}, HTTP_USER_AGENT=BROWSER, REMOTE_ADDR=NETWORK_ADDRESS
    )

    (event,) = sentry.events
    text = json.dumps(event, default=str, ensure_ascii=False)
    assert event["exception"]["values"][-1]["type"] == "ValueError"
    assert event["transaction"] == "robots"
    assert event["tags"]["request_id"] == response[HEADER]
    for secret in (ADDRESS, SESSION, WORD, BROWSER, NETWORK_ADDRESS):
        assert secret not in text
