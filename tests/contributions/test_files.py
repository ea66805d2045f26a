"""Files are judged by what is in them."""

from __future__ import annotations

import io
import uuid
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from PIL import Image

from contributions import judge
from contributions.files import (
    DANGEROUS,
    MAX_FILES,
    REASONS,
    Refused,
    check_name,
    extension_of,
    safe_name,
    shown_name,
    take_files,
)
from contributions.models import ContributionFile
from tests.contributions.hostile import HONEST, HOSTILE, SLOW, docx, picture
from tests.factories.files import image_file

if TYPE_CHECKING:
    from collections.abc import Callable


def gps_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0110] = "Appareil secret"
    exif.get_ifd(0x8825).update({1: "N", 2: (45.0, 45.0, 0.0), 3: "E", 4: (4.0, 50.0, 0.0)})
    return bytes(exif.tobytes())


def judged(name: str, content: bytes, folder: Path) -> judge.Verdict:
    """Judge in this process, where a debugger and a coverage can follow."""
    try:
        check_name(name)
    except Refused as refused:
        raise judge.Refused(refused.code) from refused
    path = folder / "file"
    path.write_bytes(content)
    return judge.judge(path, extension_of(name), folder / "cleaned")


def outcome(path: Path, extension: str) -> str:
    """Return what a file is, or the reason for which it is refused."""
    try:
        return judge.judge(path, extension, path.with_name("cleaned")).extension
    except judge.Refused as refused:
        return str(refused)


def test_there_are_more_than_fifty_hostile_files() -> None:
    assert len(HOSTILE) > 50
    assert {code for _name, _make, code in HOSTILE.values()} <= set(REASONS)


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_for_what_it_is(case: str, tmp_path: Path) -> None:
    name, make, code = HOSTILE[case]

    with pytest.raises(judge.Refused) as refused:
        judged(name, make(), tmp_path)

    assert str(refused.value) == code


@pytest.mark.parametrize("case", HONEST)
def test_an_honest_file_is_let_in(case: str, tmp_path: Path) -> None:
    name, make, media_type = HONEST[case]

    assert judged(name, make(), tmp_path).media_type == media_type


def test_files_of_office_suites_are_let_in(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["nom", "ville"])
    output = io.BytesIO()
    book.save(output)

    assert judged("a.xlsx", output.getvalue(), tmp_path).extension == "xlsx"


@pytest.mark.django_db
@pytest.mark.parametrize("case", ["windows program", "zip bomb", "pixel bomb", "pdf script"])
def test_a_refused_file_leaves_no_trace(case: str) -> None:
    name, make, code = HOSTILE[case]

    taken = take_files(uuid.uuid4(), [SimpleUploadedFile(name, make())])

    assert [one.code for one in taken.refused] == [code]
    assert not ContributionFile.objects.exists()


@pytest.mark.django_db
def test_a_judge_that_is_killed_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contributions.files.SECONDS", 0.001)

    taken = take_files(uuid.uuid4(), [SimpleUploadedFile("a.jpg", picture())])

    assert [one.code for one in taken.refused] == ["broken"]


@pytest.mark.django_db
def test_a_pdf_that_unfolds_into_gigabytes_hurts_nobody() -> None:
    name, make, _code = SLOW["pdf bomb"]

    taken = take_files(uuid.uuid4(), [SimpleUploadedFile(name, make())])

    assert len(taken.kept) + len(taken.refused) == 1


@pytest.mark.django_db
def test_a_photograph_loses_its_place_and_its_device() -> None:
    photo = image_file(exif=gps_exif()).read()
    assert b"Appareil secret" in photo

    [file] = take_files(uuid.uuid4(), [SimpleUploadedFile("Photo de Léa.JPG", photo)]).kept

    with file.file.open("rb") as stored:
        kept = stored.read()
    assert b"Appareil secret" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif().get_ifd(0x8825)
    assert file.name == "photo-de-lea.jpg"
    assert "photo" not in file.file.name


@pytest.mark.django_db
def test_what_follows_a_photograph_is_not_kept() -> None:
    content = picture() + b"suite secrete"

    [file] = take_files(uuid.uuid4(), [SimpleUploadedFile("a.jpg", content)]).kept

    with file.file.open("rb") as stored:
        assert b"suite secrete" not in stored.read()


@pytest.mark.django_db
def test_the_same_content_twice_is_one_file() -> None:
    session = uuid.uuid4()
    for name in ("a.jpg", "b.jpg"):
        take_files(session, [SimpleUploadedFile(name, picture())])

    assert ContributionFile.objects.count() == 1


@pytest.mark.django_db
def test_number_and_total_count_what_came_before(monkeypatch: pytest.MonkeyPatch) -> None:
    session = uuid.uuid4()
    pictures = [
        SimpleUploadedFile(f"{n}.png", image_file(color=f"#{n:02x}0000", kind="PNG").read())
        for n in range(MAX_FILES + 1)
    ]
    taken = take_files(session, pictures)
    assert [one.code for one in taken.refused] == ["too_many"]

    monkeypatch.setattr("contributions.files.MAX_TOTAL", 1000)
    other = take_files(uuid.uuid4(), [SimpleUploadedFile("a.png", b"x" * 1001)])
    assert [one.code for one in other.refused] == ["too_large"]


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
    said = extension.upper() if is_upper else extension

    with pytest.raises(Refused):
        check_name(f"{stem}.{said}{after}")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(st.binary(max_size=3000), st.sampled_from(["pdf", "docx", "jpg", "txt", "csv"]))
def test_any_bytes_are_judged_without_a_crash(
    tmp_path: Path, content: bytes, extension: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    assert outcome(path, extension) in {"txt", "csv", *REASONS}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(data=st.data())
def test_an_honest_file_that_is_damaged_is_judged_without_a_crash(
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
