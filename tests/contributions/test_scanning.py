"""clamd, played by a small server of ours that speaks its protocol."""

from __future__ import annotations

import socket
import struct
import threading
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from contributions.models import Contribution, ContributionFile, FileState
from contributions.scanning import ScannerUnavailable, scan, scan_stream
from tests.factories.contributions import ContributionFileFactory, form_data
from tests.factories.files import text_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, SettingsWrapper

pytestmark = pytest.mark.django_db


class Clamd:
    """Reads one INSTREAM after the other, and answers what it is told to."""

    def __init__(self, settings: SettingsWrapper) -> None:
        self.answer = b"stream: OK\0"
        self.seen: list[bytes] = []
        self.server = socket.create_server(("127.0.0.1", 0))
        settings.CLAMD_URL = f"tcp://127.0.0.1:{self.server.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self.server.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                content = b""
                while size := struct.unpack("!L", stream.read(4))[0]:
                    content += stream.read(size)
                self.seen.append(content)
                connection.sendall(self.answer)

    def stop(self) -> None:
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join(5)


@pytest.fixture
def clamd(settings: SettingsWrapper) -> Iterator[Clamd]:
    server = Clamd(settings)
    yield server
    server.stop()


@pytest.fixture
def clamd_is_down(settings: SettingsWrapper) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        settings.CLAMD_URL = f"tcp://127.0.0.1:{probe.getsockname()[1]}"


def test_the_whole_content_is_shown_to_the_scanner(clamd: Clamd) -> None:
    file = ContributionFileFactory(state="received")

    assert scan(file) == FileState.CLEAN

    with file.file.open("rb") as stored:
        assert clamd.seen == [stored.read()]


def test_what_is_found_is_refused_and_its_content_deleted(clamd: Clamd) -> None:
    clamd.answer = b"stream: Win.Test.EICAR_HDB-1 FOUND\0"
    file = ContributionFileFactory(state="received")

    assert scan(file) == FileState.REFUSED

    file.refresh_from_db()
    assert file.verdict == "Win.Test.EICAR_HDB-1"
    assert not file.file.storage.exists(file.file.name)


@pytest.mark.parametrize(
    "answer", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK", b"garbage\0"]
)
def test_what_is_no_verdict_keeps_the_file_in_quarantine(clamd: Clamd, answer: bytes) -> None:
    clamd.answer = answer
    file = ContributionFileFactory(state="received")

    state = scan(file)

    # Cut before its end, « OK » is still an answer; anything else is none.
    assert state == (FileState.CLEAN if answer == b"stream: OK" else FileState.QUARANTINED)


def test_a_scanner_that_is_down_lets_nothing_through(clamd_is_down: None) -> None:
    file = ContributionFileFactory(state="received")

    assert scan(file) == FileState.QUARANTINED
    with file.file.open("rb") as content, pytest.raises(ScannerUnavailable):
        scan_stream(content)


def test_a_scanner_that_comes_back_scans_what_waits(
    clamd_is_down: None, settings: SettingsWrapper
) -> None:
    file = ContributionFileFactory(state="received")
    scan(file)
    server = Clamd(settings)

    call_command("scan_contributions")

    server.stop()
    file.refresh_from_db()
    assert file.state == FileState.CLEAN


@pytest.mark.parametrize("state", [FileState.CLEAN, FileState.REFUSED])
def test_a_verdict_is_not_asked_again(clamd: Clamd, state: FileState) -> None:
    assert scan(ContributionFileFactory(state=state)) == state
    assert clamd.seen == []


@pytest.mark.parametrize("is_up", [True, False])
def test_files_are_scanned_once_the_form_is_sent(  # noqa: PLR0917 (fixtures)
    client: Client,
    started: dict[str, Any],
    settings: SettingsWrapper,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    is_up: bool,
    request: pytest.FixtureRequest,
) -> None:
    request.getfixturevalue("clamd" if is_up else "clamd_is_down")
    upload = SimpleUploadedFile("a.pdf", text_pdf().read())

    with django_capture_on_commit_callbacks(execute=True):
        client.post("/contribuer/actualite/", {**form_data(), **started, "files": upload})

    assert Contribution.objects.count() == 1
    expected = FileState.CLEAN if is_up else FileState.QUARANTINED
    assert ContributionFile.objects.get().state == expected


def test_one_scan_at_a_time(clamd: Clamd, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ContributionFileFactory(state="received")
    scan(file)
    stale = ContributionFile.objects.get()
    stale.state = FileState.RECEIVED

    scan(stale)

    assert len(clamd.seen) == 1
