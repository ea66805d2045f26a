"""What files start with, and how to look through one without having it all in memory."""

from __future__ import annotations

import zipfile
from typing import IO, TYPE_CHECKING

from contributions.inspection.types import FileRejected

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 1 << 20

# What runs, by its first bytes.
EXECUTABLES = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"dex\n",
    b"\x00asm",
    b"L\x00\x00\x00\x01\x14\x02\x00",
    b"FWS",
    b"CWS",
    b"ZWS",
    b"\x1bLua",
    b"!<arch>",
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ARCHIVES = (
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"MSCF",
    b"(\xb5/\xfd",
    b"\x04\x22\x4d\x18",
    b"PK\x05\x06",
    b"PK\x07\x08",
    b"LZIP",
    b"ITSF",
)
ZIP = b"PK\x03\x04"
PDF = b"%PDF-"


def reject_by_signature(head: bytes) -> None:
    """Raise for what runs, holds other files or hides a PDF, by how it starts."""
    if head.startswith(EXECUTABLES):
        raise FileRejected("executable")
    if head.startswith(OLE):
        raise FileRejected("old_office")
    if head.startswith(ARCHIVES) or head[257:262] == b"ustar":
        raise FileRejected("archive")
    if PDF in head[1:1024]:
        raise FileRejected("polyglot")


def read_chunks(file: IO[bytes], overlap: int = 64) -> Iterator[bytes]:
    """Yield the whole file, each piece with the end of the one before it."""
    file.seek(0)
    tail = b""
    while piece := file.read(CHUNK):
        yield tail + piece
        tail = piece[-overlap:]


def is_zip(file: IO[bytes]) -> bool:
    """Return whether a zip archive can be read from it, wherever it starts."""
    file.seek(0)
    return zipfile.is_zipfile(file)
