"""What is wrong with an environment is named, and nothing else."""

from __future__ import annotations

import io
import shutil
import socket
import threading
from collections import namedtuple
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from background.models import Beat, Job
from background.registry import periodic_commands
from core.checks import check_client_addresses
from operations import doctor
from operations.doctor import Severity
from outbox.models import OutgoingEmail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db


def findings(check: str) -> list[tuple[Severity, str]]:
    return [(found.severity, found.text) for found in doctor.examine() if found.check == check]


@pytest.fixture(autouse=True)
def nobody_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "START_SECONDS", 0)


@pytest.fixture
def healthy(settings: SettingsWrapper, public_site: Any) -> None:
    """Everything as it should be, but for the settings of the tests themselves."""
    now = timezone.now()
    for kind in ("tasks", "scheduler"):
        Beat.objects.create(name=kind, kind=kind, started_at=now, seen_at=now)
    for command in periodic_commands():
        Job.objects.update_or_create(
            name=command.name, defaults={"next_at": now, "succeeded_at": now}
        )
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    settings.CLIENT_ADDRESS_HEADER = "HTTP_X_REAL_IP"


class PublicSite:
    """A web server before the site, as visitors reach it."""

    def __init__(self) -> None:
        self.status, self.headers = 200, {}
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(site.status)
                for name, value in site.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.headers: dict[str, str]


@pytest.fixture
def public_site(settings: SettingsWrapper) -> Iterator[PublicSite]:
    site = PublicSite()
    thread = threading.Thread(target=site.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    settings.PUBLIC_URL = site.url
    yield site
    site.server.shutdown()
    site.server.server_close()
    thread.join()


def test_nothing_is_wrong_where_nothing_is(healthy: None) -> None:
    wrong = [
        found
        for found in doctor.examine()
        # Of the tests: their key, no HTTPS, and maybe SQLite.
        if found.check != "settings" and "SQLite" not in found.text
    ]

    assert wrong == []


def test_the_command_fails_for_an_error_alone(
    healthy: None, settings: SettingsWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "run_checks", lambda **_options: check_client_addresses())
    settings.ADMINS = [("x", "x@example.org")]
    settings.CLIENT_ADDRESS_HEADER = ""
    output = io.StringIO()
    call_command("doctor", stdout=output)
    assert "warning  settings: pare.W001: CLIENT_ADDRESS_HEADER is not set" in output.getvalue()
    assert "0 errors" in output.getvalue()

    Beat.objects.all().delete()
    with pytest.raises(SystemExit):
        call_command("doctor", stdout=output)
    assert "No process does background work" in output.getvalue()


def test_a_check_that_breaks_stops_no_other(healthy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down() -> None:
        raise RuntimeError("cassé")

    monkeypatch.setitem(doctor.CHECKS, "clock", break_down)

    assert findings("clock") == [(Severity.ERROR, "RuntimeError: cassé")]
    assert findings("workers") == []


class TestPublicAddress:
    def test_a_site_that_redirects_to_itself_is_named(
        self, healthy: None, public_site: PublicSite
    ) -> None:
        public_site.status = 301
        public_site.headers = {"Location": f"{public_site.url}/robots.txt"}

        ((severity, text),) = findings("public address")

        assert severity == Severity.ERROR
        assert "SECURE_PROXY_SSL_HEADER" in text

    @pytest.mark.parametrize(
        "status, words", [(400, "ALLOWED_HOSTS"), (502, "answered 502"), (404, "answered 404")]
    )
    def test_an_error_is_named(
        self, healthy: None, public_site: PublicSite, status: int, words: str
    ) -> None:
        public_site.status = status

        ((severity, text),) = findings("public address")

        assert severity == Severity.ERROR
        assert words in text

    def test_a_site_that_is_not_there_is_named(
        self, healthy: None, settings: SettingsWrapper
    ) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            settings.PUBLIC_URL = f"http://127.0.0.1:{free.getsockname()[1]}"

            ((severity, text),) = findings("public address")

        assert severity == Severity.ERROR
        assert "can't be reached" in text

    def test_offline_nothing_is_connected_to(self, healthy: None, public_site: PublicSite) -> None:
        public_site.status = 502

        checks = {found.check for found in doctor.examine(goes_out=False)}

        assert not checks & {"public address", "mail server"}


def test_a_mail_server_that_refuses_is_named(healthy: None, settings: SettingsWrapper) -> None:
    settings.OUTBOX_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = free.getsockname()[1]

        ((severity, text),) = findings("mail server")

    assert severity == Severity.ERROR
    assert "ConnectionRefusedError" in text


def test_letters_that_do_not_leave_are_named(healthy: None) -> None:
    old = timezone.now() - timedelta(hours=5)
    OutgoingEmail.objects.create(address="a@example.org", subject="x", created_at=old)
    OutgoingEmail.objects.create(subject="x", state=OutgoingEmail.State.REFUSED)

    found = dict(findings("letters"))

    assert "5 h" in found[Severity.ERROR]
    assert "1 letters were refused" in found[Severity.WARNING]


class TestWorkers:
    def test_nobody_at_work_is_named(self, healthy: None) -> None:
        Beat.objects.update(seen_at=timezone.now() - timedelta(hours=1))

        texts = [text for _severity, text in findings("workers")]

        assert texts == [
            "No process does background work: start manage.py work.",
            "No process does what runs by the clock: start manage.py work.",
        ]

    def test_one_that_is_starting_is_waited_for(
        self, healthy: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = timezone.now()
        Beat.objects.all().delete()

        def start(_seconds: float) -> None:
            for kind in ("tasks", "scheduler"):
                Beat.objects.create(name=kind, kind=kind, started_at=now, seen_at=now)

        monkeypatch.setattr(doctor, "START_SECONDS", 5)
        monkeypatch.setattr("operations.doctor.time.sleep", start)

        assert findings("workers") == []

    def test_what_fails_or_is_late_by_the_clock_is_named(self, healthy: None) -> None:
        now = timezone.now()
        Job.objects.filter(name="publish_scheduled").update(failures=3, error="x\nOSError: plein")
        Job.objects.filter(name="check_links").update(next_at=now - timedelta(hours=3))

        found = findings("workers")

        assert (Severity.ERROR, "publish_scheduled failed 3 times: OSError: plein") in found
        assert (Severity.WARNING, "check_links is late, or has never run.") in found


class TestFiles:
    def test_a_storage_that_can_not_be_written_is_named(
        self, healthy: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_args: object) -> None:
            raise OSError(30, "Read-only file system")

        monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", refuse)

        found = findings("files")

        assert len(found) == 2
        assert all("Read-only" in text for _severity, text in found)

    def test_a_disk_that_is_nearly_full_is_named(
        self, healthy: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = namedtuple("usage", "total used free")(10**12, 10**12, 10**8)
        monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage)

        assert "0.1 GB are left" in str(findings("files"))

    def test_nothing_is_left_of_the_try(
        self, healthy: None, settings: SettingsWrapper, tmp_path: Any
    ) -> None:
        before = {
            folder: sorted(folder.rglob(".doctor*"))
            for folder in (settings.MEDIA_ROOT, settings.PRIVATE_ROOT)
        }
        findings("files")

        assert all(sorted(folder.rglob(".doctor*")) == names for folder, names in before.items())


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
class TestPostgreSQL:
    def test_an_extension_that_is_missing_is_named(self, healthy: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP EXTENSION unaccent CASCADE")

        assert "unaccent is missing" in str(findings("database"))

    def test_a_clock_that_differs_is_named(
        self, healthy: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = timezone.now() + timedelta(minutes=2)
        monkeypatch.setattr("operations.doctor.timezone.now", lambda: later)

        assert "differ by 1" in str(findings("clock"))


def test_settings_that_are_unsafe_are_named(healthy: None, settings: SettingsWrapper) -> None:
    settings.DEBUG = True
    settings.PUBLIC_URL = ""

    found = findings("settings")

    assert (Severity.ERROR, "DEBUG is on.") in found
    assert any("PUBLIC_URL" in text for _severity, text in found)
    assert any("Nobody is sent errors" in text for _severity, text in found)
