"""A full disk costs a file, and nothing that was typed beside it; nothing is left behind."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from contributions.files import REASONS
from contributions.forms import new_session
from contributions.kinds import ContributionKind
from contributions.models import Contribution, ContributionFile
from core.files import temporary
from core.files.uploads import NO_ROOM
from core.models import Document, Image
from tests.factories import DocumentFactory
from tests.factories.contributions import form_data
from tests.factories.files import image_file, text_pdf

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

FULL = OSError(errno.ENOSPC, "No space left on device")
LARGE = b"%PDF-1.4\n" + b"x" * settings.FILE_UPLOAD_MAX_MEMORY_SIZE


class FullFile:
    """A file on a disk that fills up after a few bytes."""

    def __init__(self, file: Any) -> None:
        self.file = file

    def write(self, data: bytes) -> int:
        self.file.write(data[:100])
        raise FULL

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the storages write a hundred bytes of each file."""
    open_file = os.fdopen
    monkeypatch.setattr(os, "fdopen", lambda *args, **kw: FullFile(open_file(*args, **kw)))

    def move(source: str, target: str, **options: Any) -> None:
        # From another disk: what is moved on one needs no room.
        Path(target).write_bytes(b"x" * 100)
        raise FULL

    monkeypatch.setattr("django.core.files.storage.filesystem.file_move_safe", move)


@pytest.fixture
def full_temporary_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have temporary files take nothing: a real device of Linux refuses each byte."""
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    start = TemporaryUploadedFile.__init__

    def begin(upload: TemporaryUploadedFile, *args: Any, **options: Any) -> None:
        start(upload, *args, **options)
        upload.file.close()
        upload.file = open("/dev/full", "wb+")  # noqa: SIM115

    monkeypatch.setattr(TemporaryUploadedFile, "__init__", begin)


def stored() -> set[Path]:
    """Return the files that are on the disk."""
    roots = (Path(settings.MEDIA_ROOT), Path(settings.PRIVATE_ROOT))
    return {path for root in roots for path in root.rglob("*") if path.is_file()}


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Iterator[None]:
    before = stored()
    yield
    assert stored() - before == set()


def test_a_storage_keeps_no_part_of_a_file(full_disk: None) -> None:
    with pytest.raises(OSError, match="No space left"):
        storages["private"].save("documents/a.txt", ContentFile(b"x" * 1000))


def test_a_storage_removes_no_file_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    storage: Any = storages["private"]
    kept = Path(storage.path("taken.txt"))
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(b"kept")
    open_file = os.fdopen
    monkeypatch.setattr(os, "fdopen", lambda *args, **kw: FullFile(open_file(*args, **kw)))
    # Another took the name after it was found to be free.
    names = iter(["taken.txt", "other.txt"])
    monkeypatch.setattr(
        "django.core.files.storage.FileSystemStorage.get_available_name",
        lambda *args, **options: next(names),
    )

    with pytest.raises(OSError, match="No space left"):
        storage.save("taken.txt", ContentFile(b"x" * 1000))

    assert kept.read_bytes() == b"kept"
    kept.unlink()


@pytest.mark.parametrize("name", ["wagtailimages:add", "wagtaildocs:add"])
def test_an_editor_is_told_beside_the_field(
    editor_client: Client, full_disk: None, name: str
) -> None:
    file = image_file() if "images" in name else text_pdf()
    form = {"title": "Un titre qui reste", "file": SimpleUploadedFile(file.name, file.read())}

    response = editor_client.post(reverse(name), {**form, "collection": 1})

    assert response.status_code == 200
    assert [str(error) for error in response.context["form"].errors["file"]] == [str(NO_ROOM)]
    assert "Un titre qui reste" in response.content.decode()
    assert not Image.objects.exists()
    assert not Document.objects.exists()


def test_a_document_keeps_the_file_that_could_not_be_replaced(
    editor_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = DocumentFactory()
    name = document.file.name
    with closing(document.file.open("rb")) as file:
        content = file.read()
    open_file = os.fdopen
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", lambda *args, **kw: FullFile(open_file(*args, **kw)))
        new = text_pdf("Un autre")
        response = editor_client.post(
            reverse("wagtaildocs:edit", args=[document.pk]),
            {"title": "Autre", "file": SimpleUploadedFile(new.name, new.read()), "collection": 1},
        )

    assert response.context["form"].errors["file"] == [str(NO_ROOM)]
    document.refresh_from_db()
    with closing(document.file.open("rb")) as file:
        assert file.read() == content
    document.file.storage.delete(name)


def test_a_large_file_of_an_editor_that_cannot_be_received(
    editor_client: Client, full_temporary_disk: None
) -> None:
    form = {"title": "Un titre qui reste", "file": SimpleUploadedFile("a.pdf", LARGE)}

    response = editor_client.post(reverse("wagtaildocs:add"), {**form, "collection": 1})

    assert response.status_code == 200
    assert response.context["form"].errors["file"] == [str(NO_ROOM)]
    assert "Un titre qui reste" in response.content.decode()


@pytest.mark.parametrize("disk", ["full_disk", "full_temporary_disk"])
class TestContributions:
    @pytest.fixture(autouse=True)
    def _full(self, request: pytest.FixtureRequest, disk: str) -> None:
        request.getfixturevalue(disk)

    def test_the_form_keeps_what_was_typed(self, client: Client, started: dict[str, Any]) -> None:
        pdf = text_pdf()
        data = form_data(ContributionKind.RESOURCE, title="Un titre qui reste")
        file = SimpleUploadedFile("guide.pdf", pdf.read(), content_type="application/pdf")
        response = client.post(
            reverse("contributions:contribute", args=[ContributionKind.RESOURCE.slug]),
            {**data, **started, "session": new_session(), "files": file},
        )

        assert response.status_code == 422
        text = response.content.decode()
        assert "Un titre qui reste" in text
        assert "guide.pdf" in text
        assert str(REASONS["no_room"]) in text
        assert not Contribution.objects.exists()
        assert not ContributionFile.objects.exists()

    def test_the_api_answers_that_it_has_no_room(self, client: Client) -> None:
        file = SimpleUploadedFile("guide.pdf", text_pdf().read())
        data = form_data(ContributionKind.RESOURCE, consent="true")

        response = client.post(
            "/api/v1/contributions/", {**data, "kind": "resource", "files": file}
        )

        assert response.status_code == 507
        assert response["Content-Type"] == "application/problem+json"
        [error] = response.json()["errors"]
        assert (error["code"], error["location"]) == ("no_room", ["body", "files"])
        assert not Contribution.objects.exists()
        assert not ContributionFile.objects.exists()

    def test_the_script_of_the_form_is_told(self, client: Client) -> None:
        file = SimpleUploadedFile("guide.pdf", text_pdf().read())

        response = client.post(
            reverse("contributions:upload"), {"session": new_session(), "files": file}
        )

        assert response.status_code == 200
        assert str(REASONS["no_room"]) in response.json()["error"]
        assert not ContributionFile.objects.exists()


class TestLeftovers:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        return tmp_path

    def test_what_a_killed_process_left_goes_after_a_day(self, folder: Path) -> None:
        (folder / "pare-old").mkdir()
        (folder / "pare-old" / "received").write_bytes(b"x")
        for name in ("tmpold.upload.pdf", "tmpnew.upload.pdf", "theirs.pdf", "kept"):
            (folder / name).write_bytes(b"x")
        (folder / "pare-link").symlink_to(folder / "kept")
        yesterday = temporary.time.time() - temporary.STALE_SECONDS - 60
        for name in ("pare-old", "tmpold.upload.pdf", "theirs.pdf", "kept"):
            os.utime(folder / name, (yesterday, yesterday))
        os.utime(folder / "pare-link", (yesterday, yesterday), follow_symlinks=False)

        call_command("apply_retention", verbosity=0)

        assert {path.name for path in folder.iterdir()} == {
            *("tmpnew.upload.pdf", "theirs.pdf", "kept")
        }

    def test_files_that_are_sent_in_have_the_names_that_are_swept(self, folder: Path) -> None:
        with closing(TemporaryUploadedFile("a.pdf", "application/pdf", 1, None)):
            assert list(folder.glob(temporary.PATTERNS[0]))
