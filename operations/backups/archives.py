"""A backup is one tar file: the database, the files, and a manifest with a digest of each.

The manifest is its last member, since it holds the digests of the others. Files are read and
written through Django's storages, wherever they are.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from django.conf import settings
from django.core.files import File
from django.core.files.storage import storages
from django.utils import timezone

from core.models import Rendition
from operations.backups import databases
from operations.backups.databases import BackupError, Digests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.files.storage import Storage

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "database"
STORAGES = {"media": "default", "private": "private"}
"""The folders of an archive, and the storage that each is of."""
CHUNK_BYTES = 1024 * 1024


@dataclass
class Manifest:
    """What an archive has.

    Attributes:
        format: of the archive.
        made_at: when, with its zone.
        release: of the program.
        engine: of the database.
        has_renditions: whether the images that are drawn from others are in it.
        tables: the digests of the database.
        files: the SHA-256 of each file, by its name in the archive.
    """

    made_at: str
    engine: str
    has_renditions: bool
    release: str = ""
    format: int = FORMAT
    tables: Digests = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


class _Digesting:
    """A file that is read, and its SHA-256."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._source.read(size)
        self._digest.update(chunk)
        return chunk

    def digest(self) -> str:
        while self.read(CHUNK_BYTES):
            pass
        return self._digest.hexdigest()


def stored_files(storage: Storage, folder: str = "") -> Iterator[str]:
    """Yield the names of all files of a storage, a folder after the other."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield str(PurePosixPath(folder, name))
    for name in sorted(folders):
        yield from stored_files(storage, str(PurePosixPath(folder, name)))


def make(path: Path, *, with_renditions: bool) -> Manifest:
    """Write the database and the files into an archive, which only its owner may read.

    The database first: a file that is stored meanwhile is one too many, and no row lacks its own.

    Args:
        path: of the archive, which must not exist; there is none until it is complete.
        with_renditions: whether to keep the images that can be drawn again.

    Raises:
        BackupError: the database can't be written.
        FileExistsError: there is such a file.
    """
    manifest = Manifest(
        made_at=timezone.localtime().isoformat(timespec="seconds"),
        release=settings.RELEASE,
        engine=databases.engine(),
        has_renditions=with_renditions,
    )
    if path.exists():
        raise FileExistsError(path)
    partial = path.with_name(f"{path.name}.partial")
    try:
        # There may be what nobody else may see: addresses of people, confidential places.
        with (
            os.fdopen(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600), "w+b") as file,
            tarfile.open(fileobj=file, mode="w") as archive,
        ):
            with tempfile.TemporaryDirectory(dir=path.parent) as folder:
                dumped = Path(folder) / DATABASE
                manifest.tables = databases.dump(dumped)
                with dumped.open("rb") as source:
                    _add(archive, manifest, DATABASE, source, dumped.stat().st_size)
            left_out = set() if with_renditions else set(Rendition.objects.values_list("file"))
            for folder, alias in STORAGES.items():
                _add_storage(archive, manifest, folder, storages[alias], left_out)
            content = json.dumps(asdict(manifest), ensure_ascii=False).encode()
            archive.addfile(_member(MANIFEST, len(content)), io.BytesIO(content))
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _add_storage(
    archive: tarfile.TarFile,
    manifest: Manifest,
    folder: str,
    storage: Storage,
    left_out: set[tuple[str]],
) -> None:
    for name in stored_files(storage):
        if (name,) in left_out:
            continue
        try:
            with storage.open(name) as source:
                _add(archive, manifest, f"{folder}/{name}", source, source.size)
        except FileNotFoundError:
            continue  # Deleted meanwhile, with its row.


def _add(
    archive: tarfile.TarFile, manifest: Manifest, name: str, source: IO[bytes], size: int
) -> None:
    digesting = _Digesting(source)
    archive.addfile(_member(name, size), digesting)
    manifest.files[name] = digesting.digest()


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


@contextmanager
def opened(path: Path) -> Iterator[tuple[tarfile.TarFile, Manifest]]:
    """Open an archive.

    Raises:
        BackupError: it is none, is cut, or is of a later format.
    """
    try:
        with tarfile.open(path) as archive:
            content = archive.extractfile(MANIFEST)
            values = json.load(content) if content else {}
            if values.get("format") != FORMAT:
                raise BackupError(f"{path} is of a format that this release does not read.")
            yield archive, Manifest(**values)
    except (tarfile.TarError, KeyError, ValueError, EOFError) as error:
        raise BackupError(f"{path} is no whole backup: {error}") from error


def verify(path: Path, *, with_database: bool) -> Manifest:
    """Compare all of an archive with its manifest.

    Args:
        path: of the archive.
        with_database: whether to load its database into one made for it, and compare each table.

    Raises:
        BackupError: with what differs.
    """
    with opened(path) as (archive, manifest):
        found = {
            member.name: _Digesting(_content(archive, member)).digest()
            for member in archive
            if member.name != MANIFEST
        }
        _compare("the file", manifest.files, found)
        if with_database:
            _require_engine(manifest)
            with _extracted(archive) as dumped, databases.loaded_aside(dumped) as tables:
                _compare("the table", manifest.tables, tables)
        return manifest


def restore(path: Path) -> Manifest:
    """Replace the database and the files by those of an archive.

    Renditions that it does not have are left to who calls.

    Raises:
        BackupError: before anything is changed where the archive is damaged; after it where what
            was written differs.
    """
    verify(path, with_database=False)
    with opened(path) as (archive, manifest):
        _require_engine(manifest)
        with _extracted(archive) as dumped:
            _compare("the table", manifest.tables, databases.load(dumped))
        for folder, alias in STORAGES.items():
            _restore_storage(archive, manifest, folder, storages[alias])
    return manifest


def _restore_storage(
    archive: tarfile.TarFile, manifest: Manifest, folder: str, storage: Storage
) -> None:
    """Write the files of a folder, delete all others, and compare what is there."""
    wanted = {
        name.removeprefix(f"{folder}/"): digest
        for name, digest in manifest.files.items()
        if name.startswith(f"{folder}/")
    }
    for name in list(stored_files(storage)):
        if name not in wanted:
            storage.delete(name)
    for name, digest in wanted.items():
        if storage.exists(name):
            with storage.open(name) as file:
                if _Digesting(file).digest() == digest:
                    continue
            storage.delete(name)
        source = _content(archive, archive.getmember(f"{folder}/{name}"))
        # A storage that gives another name has refused this one.
        if storage.save(name, File(source)) != name:
            raise BackupError(f"{folder}/{name} could not be written.")
    found = {}
    for name in stored_files(storage):
        with storage.open(name) as file:
            found[name] = _Digesting(file).digest()
    _compare("the file", wanted, found)


@contextmanager
def _extracted(archive: tarfile.TarFile) -> Iterator[Path]:
    """Yield the database of an archive, as a file that only its owner may read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / DATABASE
        source = _content(archive, archive.getmember(DATABASE))
        with path.open("wb") as file:
            while chunk := source.read(CHUNK_BYTES):
                file.write(chunk)
        yield path


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member)
    if content is None:
        raise BackupError(f"{member.name} is no file.")
    return content


def _require_engine(manifest: Manifest) -> None:
    if manifest.engine != databases.engine():
        raise BackupError(
            f"The backup is of {manifest.engine}, and the database is {databases.engine()}."
        )


def _compare(what: str, expected: dict[str, Any], found: dict[str, Any]) -> None:
    differing = sorted(
        name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)
    )
    if differing:
        names = ", ".join(f"{what} {name}" for name in differing[:10])
        more = f" and {len(differing) - 10} more" if len(differing) > 10 else ""  # noqa: PLR2004
        raise BackupError(f"What was written differs from what was read: {names}{more}.")
