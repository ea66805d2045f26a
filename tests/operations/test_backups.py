"""A backup holds all that there is, and gives it back."""

from __future__ import annotations

import io
import json
import shutil
import stat
import tarfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from django.db import connection

from core.models import Document, Image, Rendition
from operations.backups import archives, databases
from resources.models import NewsPage
from scripts.postgresql import programs
from tests.factories import DocumentFactory, ImageFactory, NewsPageFactory, publish

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

# The database is replaced: a test's own transaction would not live through it.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def a_site(transactional_db: None, settings: SettingsWrapper) -> None:
    """Fill the site: pages, a document, an image and what is drawn from it."""
    if connection.vendor == "postgresql":
        settings.POSTGRESQL_BIN = str(programs(connection.pg_version // 10_000))
    for storage in map(storages.__getitem__, archives.STORAGES.values()):
        for name in list(archives.stored_files(storage)):
            storage.delete(name)
    image = ImageFactory()
    image.get_rendition("width-50")
    publish(NewsPageFactory(title="L'été à Besançon", image=image))
    DocumentFactory()
    storages["default"].save("avatar_images/portrait.png", ContentFile(b"portrait"))


def backup(path: Path, **options: Any) -> str:
    output = io.StringIO()
    call_command("backup", path, stdout=output, **options)
    return output.getvalue()


def restore(path: Path, **options: Any) -> str:
    output = io.StringIO()
    call_command("restore", path, stdout=output, **options)
    return output.getvalue()


def everything() -> dict[str, bytes]:
    return {
        f"{folder}/{name}": content_of(alias, name)
        for folder, alias in archives.STORAGES.items()
        for name in archives.stored_files(storages[alias])
    }


def content_of(alias: str, name: str) -> bytes:
    with storages[alias].open(name) as file:
        content: bytes = file.read()
        return content


def lose_everything() -> None:
    """Change, add and delete: rows, a table, files."""
    NewsPage.objects.update(title="Autre chose")
    Document.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE de_trop (x int)")
    for name in archives.stored_files(storages["private"]):
        storages["private"].delete(name)
    storages["default"].save("de-trop.txt", ContentFile(b"de trop"))


def test_all_comes_back_as_it_was(tmp_path: Path) -> None:
    before, tables = everything(), databases.dump(tmp_path / "before")
    assert any("private/" in name for name in before)

    made = backup(tmp_path / "site.tar")
    lose_everything()
    restored = restore(tmp_path / "site.tar", replace=True)

    assert f"{len(tables)} tables and {len(before) + 1} files" in made
    assert "tried" in made
    assert everything() == before
    assert databases.dump(tmp_path / "after") == tables
    assert NewsPage.objects.get().title == "L'été à Besançon"
    assert "0 renditions drawn again" in restored
    assert "de_trop" not in connection.introspection.table_names()


def test_what_was_added_since_does_not_collide(tmp_path: Path) -> None:
    """Sequences come back too: the next row has a number of its own."""
    backup(tmp_path / "site.tar", no_check=True)
    highest = Document.objects.latest("pk").pk
    restore(tmp_path / "site.tar", replace=True)

    assert DocumentFactory().pk > highest


def test_renditions_that_were_left_out_are_drawn_at_their_addresses(tmp_path: Path) -> None:
    addresses = {rendition.file.name for rendition in Rendition.objects.all()}
    assert addresses

    backup(tmp_path / "site.tar", without_renditions=True)
    with tarfile.open(tmp_path / "site.tar") as archive:
        assert not any(name.removeprefix("media/") in addresses for name in archive.getnames())
        assert "media/avatar_images/portrait.png" in archive.getnames()
    lose_everything()
    restored = restore(tmp_path / "site.tar", replace=True)

    assert f"{len(addresses)} renditions drawn again" in restored
    assert {rendition.file.name for rendition in Rendition.objects.all()} == addresses
    assert all(storages["default"].exists(name) for name in addresses)
    assert content_of("default", "avatar_images/portrait.png") == b"portrait"


def test_a_rendition_whose_image_is_lost_is_named(tmp_path: Path) -> None:
    (image,) = Image.objects.all()
    storages["private"].delete(image.file.name)
    backup(tmp_path / "site.tar", without_renditions=True)

    with pytest.raises(CommandError, match="can't be read: images/"):
        restore(tmp_path / "site.tar", replace=True)

    assert NewsPage.objects.get().title == "L'été à Besançon"


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "site.tar").write_text("déjà là")

    with pytest.raises(CommandError):
        backup(tmp_path / "site.tar")
    assert (tmp_path / "site.tar").read_text() == "déjà là"

    (tmp_path / "site.tar").unlink()
    backup(tmp_path / "site.tar", no_check=True)
    # It has what only the team may read.
    assert stat.S_IMODE((tmp_path / "site.tar").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["site.tar"]
    with pytest.raises(CommandError, match="--replace"):
        restore(tmp_path / "site.tar")


def test_a_damaged_archive_changes_nothing(tmp_path: Path, subtests: Any) -> None:
    whole = tmp_path / "site.tar"
    backup(whole, no_check=True)
    before = everything()

    for damage in ("cut", "a byte", "no manifest", "another format"):
        with subtests.test(damage):
            path = Path(shutil.copy(whole, tmp_path / damage))
            damage_archive(path, damage)
            for options in ({"check": True}, {"replace": True}):
                with pytest.raises(CommandError):
                    restore(path, **options)

    assert everything() == before
    assert NewsPage.objects.get().title == "L'été à Besançon"
    assert "is whole" in restore(whole, check=True)


def damage_archive(path: Path, damage: str) -> None:
    with tarfile.open(path) as archive:
        members = [(each, archive.extractfile(each).read()) for each in archive]  # type: ignore[union-attr]
        picture = next(each for each in members if each[0].name.startswith("private/"))
        place = picture[0].offset_data + len(picture[1]) // 2
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:place])
        return
    if damage == "a byte":
        content = bytearray(path.read_bytes())
        content[place] ^= 1
        path.write_bytes(content)
        return
    with tarfile.open(path, "w") as archive:
        for member, content in members:
            if member.name == archives.MANIFEST:
                if damage == "no manifest":
                    continue
                content = json.dumps({**json.loads(content), "format": 99}).encode()  # noqa: PLW2901
                member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def test_a_backup_that_fails_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise databases.BackupError("pg_dump: no room")

    monkeypatch.setattr(databases, "dump", refuse)

    with pytest.raises(CommandError, match="no room"):
        backup(tmp_path / "site.tar")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")
class TestPostgreSQL:
    def test_a_database_in_use_is_not_replaced(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        backup(tmp_path / "site.tar")
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'pare_check%'")
            assert cursor.fetchall() == []
        monkeypatch.setattr(databases, "LOCK_SECONDS", 1)

        with closing(psycopg2.connect(**databases._parameters())) as reader:
            reader.cursor().execute("SELECT count(*) FROM wagtailcore_page")
            with pytest.raises(CommandError, match="in use"):
                restore(tmp_path / "site.tar", replace=True)

        assert NewsPage.objects.get().title == "L'été à Besançon"

    def test_a_program_that_is_missing_is_named(
        self, tmp_path: Path, settings: SettingsWrapper
    ) -> None:
        settings.POSTGRESQL_BIN = str(tmp_path)

        with pytest.raises(CommandError, match="pg_dump is not installed"):
            backup(tmp_path / "site.tar")
