"""Files are inspected by what is in them."""

from __future__ import annotations

import hashlib
import io
import shutil
import uuid
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

from contributions.file_names import DANGEROUS, check_name, extension_of, safe_name, shown_name
from contributions.files import MAX_FILES, REASONS, rejection_message, store_uploads
from contributions.forms import new_session
from contributions.inspection import FileRejected, FileType, inspect
from contributions.kinds import ContributionKind
from contributions.library import import_files
from contributions.models import Contribution, ContributionFile
from tests.contributions.hostile import HONEST, HOSTILE, SLOW, docx, picture
from tests.core.test_image_cleaning import assert_clean, assert_disk_is_clean
from tests.factories.contributions import form_data, member
from tests.factories.files import image_file
from tests.factories.photos import PHOTOS, SECRET

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User


def gps_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0110] = "Appareil secret"
    exif.get_ifd(0x8825).update({1: "N", 2: (45.0, 45.0, 0.0), 3: "E", 4: (4.0, 50.0, 0.0)})
    return bytes(exif.tobytes())


def inspected(name: str, content: bytes, folder: Path) -> FileType:
    """Inspect in this process, where a debugger and a coverage can follow."""
    check_name(name)
    path = folder / "file"
    path.write_bytes(content)
    return inspect(path, extension_of(name), folder / "rewritten")


def outcome(path: Path, extension: str) -> str:
    """Return what a file is, or the reason for which it is refused."""
    try:
        return inspect(path, extension, path.with_name("rewritten")).extension
    except FileRejected as rejected:
        return rejected.code


def test_there_are_more_than_fifty_hostile_files() -> None:
    assert len(HOSTILE) > 50
    assert {code for _name, _make, code in HOSTILE.values()} <= set(REASONS)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_for_what_it_is(case: str, tmp_path: Path) -> None:
    name, make, code = HOSTILE[case]

    with pytest.raises(FileRejected) as rejected:
        inspected(name, make(), tmp_path)

    assert rejected.value.code == code
    assert str(REASONS[code]) in rejection_message(rejected.value)


@pytest.mark.parametrize("case", HONEST)
def test_an_honest_file_is_let_in(case: str, tmp_path: Path) -> None:
    name, make, media_type = HONEST[case]

    assert inspected(name, make(), tmp_path).media_type == media_type


def test_files_of_office_suites_are_let_in(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["nom", "ville"])
    output = io.BytesIO()
    book.save(output)

    assert inspected("a.xlsx", output.getvalue(), tmp_path).extension == "xlsx"


@pytest.mark.one_engine
@pytest.mark.django_db
@pytest.mark.parametrize("case", ["windows program", "zip bomb", "pixel bomb", "pdf script"])
def test_a_refused_file_leaves_no_trace(case: str) -> None:
    name, make, code = HOSTILE[case]

    result = store_uploads(uuid.uuid4(), [SimpleUploadedFile(name, make())])

    assert [one.code for one in result.rejected] == [code]
    assert not ContributionFile.objects.exists()


@pytest.mark.django_db
def test_an_inspection_that_is_killed_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.files.sandbox.TIMEOUT_SECONDS", 0.001)

    result = store_uploads(uuid.uuid4(), [SimpleUploadedFile("a.jpg", picture())])

    assert [one.code for one in result.rejected] == ["slow"]


@pytest.mark.django_db
def test_a_pdf_that_unfolds_into_gigabytes_hurts_nobody() -> None:
    name, make, _code = SLOW["pdf bomb"]

    result = store_uploads(uuid.uuid4(), [SimpleUploadedFile(name, make())])

    assert len(result.stored) + len(result.rejected) == 1


@pytest.mark.django_db
def test_a_photograph_loses_its_place_and_its_device() -> None:
    photo = image_file(exif=gps_exif()).read()
    assert b"Appareil secret" in photo

    [file] = store_uploads(uuid.uuid4(), [SimpleUploadedFile("Photo de Léa.JPG", photo)]).stored

    with file.file.open("rb") as stored:
        kept = stored.read()
    assert b"Appareil secret" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif().get_ifd(0x8825)
    assert file.name == "photo-de-lea.jpg"
    assert "photo" not in file.file.name


@pytest.mark.one_engine
@pytest.mark.django_db
@pytest.mark.parametrize("case", PHOTOS)
def test_a_photograph_of_any_format_is_kept_without_metadata(case: str) -> None:
    name, make = PHOTOS[case]
    content = make()
    assert SECRET in content

    [file] = store_uploads(uuid.uuid4(), [SimpleUploadedFile(name, content)]).stored

    with file.file.open("rb") as stored:
        kept = stored.read()
    assert_clean(kept, case)
    assert (file.size, file.sha256) == (len(kept), hashlib.sha256(kept).hexdigest())
    extension = file.name.rpartition(".")[2]
    assert extension == {"heic": "jpg", "jpeg": "jpg"}.get(name[6:], name[6:])
    with Image.open(io.BytesIO(kept)) as image:
        assert Image.MIME[image.format] == file.media_type


@pytest.mark.one_engine
@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF"])
def test_a_truncated_photograph_is_a_message(kind: str) -> None:
    content = kind_of(kind, Image.effect_noise((300, 300), 80).convert("RGB"))

    half = SimpleUploadedFile("a.jpg", content[: len(content) // 2])
    [rejected] = store_uploads(uuid.uuid4(), [half]).rejected

    assert "ce fichier est abîmé" in rejection_message(rejected)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO", "JPEG2000"])
def test_an_image_of_another_format_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(FileRejected, match=r"unknown|archive"):
        inspected("a.jpg", kind_of(kind, Image.new("RGB", (32, 32))), tmp_path)


def kind_of(kind: str, image: Image.Image) -> bytes:
    output = io.BytesIO()
    image.save(output, kind)
    return output.getvalue()


@pytest.mark.django_db
def test_what_follows_a_photograph_is_not_kept() -> None:
    content = picture() + b"suite secrete"

    [file] = store_uploads(uuid.uuid4(), [SimpleUploadedFile("a.jpg", content)]).stored

    with file.file.open("rb") as stored:
        assert b"suite secrete" not in stored.read()


@pytest.mark.django_db
def test_the_same_content_twice_is_one_file() -> None:
    session = uuid.uuid4()
    for name in ("a.jpg", "b.jpg"):
        store_uploads(session, [SimpleUploadedFile(name, picture())])

    assert ContributionFile.objects.count() == 1


@pytest.mark.django_db
def test_number_and_total_count_what_came_before(monkeypatch: pytest.MonkeyPatch) -> None:
    session = uuid.uuid4()
    pictures = [
        SimpleUploadedFile(f"{n}.png", image_file(color=f"#{n:02x}0000", kind="PNG").read())
        for n in range(MAX_FILES + 1)
    ]
    result = store_uploads(session, pictures)
    assert [one.code for one in result.rejected] == ["too_many"]

    monkeypatch.setattr("contributions.files.MAX_TOTAL_BYTES", 1000)
    other = store_uploads(uuid.uuid4(), [SimpleUploadedFile("a.png", b"x" * 1001)])
    assert [one.code for one in other.rejected] == ["too_large"]


@given(st.text(max_size=200))
def test_a_name_that_is_kept_is_harmless(name: str) -> None:
    kept = safe_name(name, "pdf")

    stem, dot, extension = kept.rpartition(".")
    assert (dot, extension) == (".", "pdf")
    assert stem
    assert all(c.isascii() and (c.isalnum() or c in "-_") for c in stem)
    shown = shown_name(name)
    assert not set(shown) & set("/\\\x00\n\r\u202e\u200f")


@given(
    st.text(alphabet="abc é-_", min_size=1, max_size=20),
    st.sampled_from(sorted(DANGEROUS)),
    st.sampled_from(["", ".pdf", " .pdf", ".\u202epdf", ".\u200bpdf"]),
    st.booleans(),
)
def test_no_dress_hides_a_dangerous_extension(
    stem: str, extension: str, after: str, is_upper: bool
) -> None:
    data = extension.upper() if is_upper else extension

    with pytest.raises(FileRejected):
        check_name(f"{stem}.{data}{after}")


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.binary(max_size=3000), st.sampled_from(["pdf", "docx", "jpg", "txt", "csv"]))
def test_any_bytes_are_inspected_without_a_crash(
    tmp_path: Path, content: bytes, extension: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    assert outcome(path, extension) in {"txt", "csv", *REASONS}


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(data=st.data())
def test_an_honest_file_that_is_damaged_is_inspected_without_a_crash(
    tmp_path: Path, data: st.DataObject
) -> None:
    make: Callable[[], bytes] = data.draw(st.sampled_from([docx, picture, HONEST["pdf"][1]]))
    content = bytearray(make())
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "file"
    path.write_bytes(bytes(content))

    assert outcome(path, "docx") in {"docx", "jpg", "pdf", "txt", *REASONS}


def test_the_bombs_are_bombs() -> None:
    """Else the tests above would prove little."""
    with zipfile.ZipFile(io.BytesIO(HOSTILE["zip bomb"][1]())) as bomb:
        assert max(entry.file_size for entry in bomb.infolist()) > 100 << 20


# Ways in


def by_form(client: Client, started: dict[str, Any], files: list[SimpleUploadedFile]) -> None:
    data = {**form_data(ContributionKind.RESOURCE), **started, "files": files}
    assert client.post(f"/contribuer/{ContributionKind.RESOURCE.slug}/", data).status_code == 302


def by_upload(client: Client, started: dict[str, Any], files: list[SimpleUploadedFile]) -> None:
    session = new_session()
    for file in files:
        answer = client.post("/contribuer/fichiers/", {"session": session, "files": file})
        assert "error" not in answer.json(), file.name
    data = {**form_data(ContributionKind.RESOURCE), **started, "session": session}
    assert client.post(f"/contribuer/{ContributionKind.RESOURCE.slug}/", data).status_code == 302


def by_api(client: Client, started: dict[str, Any], files: list[SimpleUploadedFile]) -> None:
    data = form_data(ContributionKind.RESOURCE, consent="true") | {
        "kind": "resource",
        "files": files,
    }
    answer = client.post("/api/v1/contributions/", data)
    assert answer.status_code == 201, answer.content


def by_account(client: Client, started: dict[str, Any], files: list[SimpleUploadedFile]) -> None:
    client.force_login(member("Partenaires", "partenaire"))
    data = {**form_data(ContributionKind.RESOURCE), "files": files, "send": ""}
    address = reverse("contributions_write_new", args=[ContributionKind.RESOURCE.slug])
    assert client.post(address, data).status_code == 302


# Three that become the same JPEG are parted: the same content twice would be one file.
PARTS = [list(PHOTOS)[start::3] for start in range(3)]


@pytest.mark.one_engine
@pytest.mark.django_db
@pytest.mark.parametrize("cases", PARTS, ids=", ".join)
@pytest.mark.parametrize("way", [by_form, by_upload, by_api, by_account])
def test_no_way_in_keeps_metadata_nor_gives_it_to_the_library(
    client: Client,
    started: dict[str, Any],
    editor: User,
    way: Callable[..., None],
    cases: list[str],
) -> None:
    for folder in (settings.MEDIA_ROOT, settings.PRIVATE_ROOT):
        shutil.rmtree(folder, ignore_errors=True)

    # Names that the messages of failures show.
    photos = [(case, *PHOTOS[case]) for case in cases]
    files = [
        SimpleUploadedFile(f"{case.replace(' ', '-').replace(',', '')}-{name}", make())
        for case, name, make in photos
    ]
    way(client, started, files)

    contribution = Contribution.objects.get()
    images = import_files(contribution, editor).images
    assert len(images) == len(cases)
    for image in images:
        image.get_rendition("width-40")
        image.get_rendition("width-40|format-jpeg")
    assert_disk_is_clean(Path(settings.MEDIA_ROOT).parent, least=4 * len(cases))


@pytest.mark.django_db
def test_a_truncated_photograph_loses_nothing_that_was_typed(
    client: Client, started: dict[str, Any]
) -> None:
    content = kind_of("JPEG", Image.effect_noise((300, 300), 80))[:9000]
    typed = form_data(ContributionKind.RESOURCE, title="Un titre choisi")

    page = client.post(
        f"/contribuer/{ContributionKind.RESOURCE.slug}/",
        {**typed, **started, "files": SimpleUploadedFile("photo.jpg", content)},
    )
    answer = client.post(
        "/api/v1/contributions/",
        typed
        | {"consent": "true", "consent_version": "2026-11", "kind": "resource"}
        | {"files": SimpleUploadedFile("photo.jpg", content)},
    )

    assert page.status_code == 422
    assert "Un titre choisi" in page.content.decode()
    assert "ce fichier est abîmé" in page.content.decode()
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    [error] = answer.json()["errors"]
    assert error["location"] == ["body", "files"]
    assert not Contribution.objects.exists()
