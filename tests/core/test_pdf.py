"""PDF files come from outside: whatever they do, the document is kept and the editor told."""

from __future__ import annotations

import time
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from core.files import pdf, sandbox
from core.files.pdf import read_pdf
from core.models import Document
from core.tasks import read_document
from tests.factories import (
    DocumentFactory,
    broken_pdf,
    encrypted_pdf,
    scanned_pdf,
    text_pdf,
)
from tests.factories.files import bomb_pdf, tagged_pdf

if TYPE_CHECKING:
    from pathlib import Path

    from django.core.files.base import ContentFile
    from pytest_django import DjangoCaptureOnCommitCallbacks


@pytest.fixture
def on_disk(tmp_path: Path) -> object:
    def write(file: ContentFile) -> Path:
        path = tmp_path / str(file.name)
        path.write_bytes(file.read())
        return path

    return write


def test_text_and_pages_are_read(on_disk) -> None:
    reading = read_pdf(on_disk(text_pdf("Repérer les signes", "Appeler le 119")))

    assert (reading.state, reading.page_count) == ("read", 2)
    assert reading.text == "Repérer les signes Appeler le 119"


def test_a_scan_has_pages_and_no_text(on_disk) -> None:
    reading = read_pdf(on_disk(scanned_pdf()))

    assert (reading.state, reading.page_count, reading.text) == ("scanned", 1, "")


def test_a_pdf_that_anyone_may_open_is_read_even_if_encrypted(on_disk) -> None:
    from reportlab.lib.pdfencrypt import StandardEncryption

    file = text_pdf("Lisible", encrypt=StandardEncryption("", "proprietaire"))

    assert read_pdf(on_disk(file)).text == "Lisible"


@pytest.mark.parametrize("make", [broken_pdf, encrypted_pdf])
def test_what_cannot_be_read_is_broken(make, on_disk) -> None:
    assert read_pdf(on_disk(make())).state == "broken"


def test_a_file_that_is_not_there_is_broken(tmp_path: Path) -> None:
    assert read_pdf(tmp_path / "rien.pdf").state == "broken"


def test_a_bomb_takes_neither_the_memory_nor_the_time(on_disk) -> None:
    path = on_disk(bomb_pdf())
    assert path.stat().st_size < 1_000_000

    started = time.monotonic()
    reading = read_pdf(path)

    assert reading.state in {"broken", "scanned"}  # The reader gives up on the page or the file.
    assert reading.text == ""
    assert time.monotonic() - started < sandbox.CPU_SECONDS


def test_a_reader_that_never_ends_is_stopped(on_disk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = on_disk(text_pdf())
    monkeypatch.setattr(sandbox, "TIMEOUT_SECONDS", 0.01)

    assert read_pdf(path).state == "broken"


def test_a_very_long_text_is_cut(on_disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MAX_CHARACTERS", 10)

    reading = pdf.extract_text(str(on_disk(text_pdf("Repérer les signes", "Appeler le 119"))))

    assert (reading["page_count"], reading["text"]) == (2, "Repérer le")


@pytest.mark.django_db
class TestDocuments:
    """Each is read once it is committed, and kept whatever it is."""

    @pytest.mark.parametrize(
        "make,state,pages,is_tagged",
        [
            (text_pdf, "read", 1, False),
            (tagged_pdf, "read", 1, True),
            (scanned_pdf, "scanned", 1, False),
            (broken_pdf, "broken", None, None),
            (encrypted_pdf, "broken", None, None),
        ],
    )
    def test_a_document_is_read_and_kept(
        self,
        make,
        state: str,
        pages: int | None,
        is_tagged: bool | None,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        file = make()
        content = file.read()
        file.seek(0)

        with django_capture_on_commit_callbacks(execute=True):
            document = DocumentFactory(file=file)

        document.refresh_from_db()
        assert (document.text_state, document.page_count) == (state, pages)
        assert document.is_tagged is is_tagged
        assert document.file_size == len(content)
        with document.file.open("rb") as kept:
            assert kept.read() == content

    def test_documents_of_before_are_read_by_a_command(self) -> None:
        document = DocumentFactory(file=tagged_pdf())
        Document.objects.filter(pk=document.pk).update(
            is_tagged=None, text_state=Document.TextState.READ
        )

        call_command("read_documents", stdout=StringIO())

        document.refresh_from_db()
        assert document.is_tagged is True

    def test_what_is_no_pdf_is_left_alone(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            document = DocumentFactory(file=text_pdf(name="tableau.CSV"))

        document.refresh_from_db()
        assert document.text_state == Document.TextState.NOT_PDF
        assert document.accessibility_warning == ""

    def test_another_file_is_read_again(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            document = DocumentFactory(file=text_pdf("Avant", "Deux pages"))
        document.refresh_from_db()

        with django_capture_on_commit_callbacks(execute=True):
            document.file = text_pdf("Après")
            document.save()

        document.refresh_from_db()
        assert (document.text, document.page_count) == ("Après", 1)

    def test_a_change_of_title_reads_nothing_again(
        self, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            document = DocumentFactory()
        document.refresh_from_db()

        with django_capture_on_commit_callbacks() as callbacks:
            document.title = "Autre"
            document.save()

        assert callbacks == []
        assert document.text_state == Document.TextState.READ

    def test_a_document_deleted_before_it_is_read_is_passed_over(self) -> None:
        read_document.call(999_999)

    @pytest.mark.parametrize(
        "state,word", [("scanned", "numérisée"), ("broken", "mot de passe"), ("read", "")]
    )
    def test_an_editor_is_told_what_is_wrong(self, state: str, word: str) -> None:
        document = DocumentFactory(title="Le rapport", text_state=state)
        document.text_state = state

        assert word in document.accessibility_warning
        assert bool(document.accessibility_warning) is bool(word)
