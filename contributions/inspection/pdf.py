"""PDF: without code, attachments or forms that send."""

from __future__ import annotations

import io
import re
from typing import IO, TYPE_CHECKING, Any

from contributions.inspection.signatures import is_zip, read_chunks
from contributions.inspection.types import FileRejected, FileType

if TYPE_CHECKING:
    from pathlib import Path

MAX_PDF_OBJECTS = 300_000
PDF_FORBIDDEN = {
    "/JavaScript",
    "/JS",
    "/Launch",
    "/EmbeddedFile",
    "/EmbeddedFiles",
    "/EF",
    "/RichMedia",
    "/XFA",
    "/SubmitForm",
    "/ImportData",
    "/Rendition",
    "/Movie",
    "/GoToE",
    "/GoToR",
}


def inspect_pdf(path: Path, file: IO[bytes]) -> FileType:
    """Return the type of a PDF that holds pages and nothing that acts."""
    if is_zip(file):
        raise FileRejected("polyglot")
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(max(0, size - 65_536))
    tail = file.read()
    end = tail.rfind(b"%%EOF")
    if end < 0:
        raise FileRejected("broken")
    after = tail[end + 5 :].strip(b"\r\n \t\0")
    if after:
        raise FileRejected("polyglot")
    for piece in read_chunks(file):
        if re.search(rb"<\?php|<script|<html", piece, re.IGNORECASE):
            raise FileRejected("polyglot")
    _walk_pdf(path)
    return FileType("application/pdf", "pdf")


def _walk_pdf(path: Path) -> None:
    """Look at every object of the file, in whatever way its names are written."""
    from pypdf import PdfReader  # noqa: PLC0415 (only the process of its own loads it)
    from pypdf.errors import PyPdfError  # noqa: PLC0415
    from pypdf.generic import IndirectObject  # noqa: PLC0415

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileRejected("encrypted")
        if len(reader.pages) == 0:
            raise FileRejected("broken")
        # Cross-reference tables and object streams: all that a viewer could reach.
        keys = {(number, gen) for gen, table in reader.xref.items() for number in table}
        keys |= {(number, 0) for number in reader.xref_objStm}
        if len(keys) > MAX_PDF_OBJECTS:
            raise FileRejected("bomb")
        _walk_value(reader.trailer)
        for number, generation in keys:
            if number:
                _walk_value(reader.get_object(IndirectObject(number, generation, reader)))
    except FileRejected:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise FileRejected("broken") from error
    except (RecursionError, AssertionError, IndexError) as error:
        raise FileRejected("broken") from error


def _walk_value(root: Any) -> None:
    """Refuse forbidden names inside one object; other objects have their own turn."""
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for key in value:
                if str(key) in PDF_FORBIDDEN:
                    raise FileRejected("active_pdf")
            waiting.extend(dict.values(value))
        elif isinstance(value, list):
            waiting.extend(list.__iter__(value))
        elif isinstance(value, str) and str(value) in PDF_FORBIDDEN:
            raise FileRejected("active_pdf")
