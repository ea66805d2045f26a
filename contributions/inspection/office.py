"""Documents of office suites, OOXML and OpenDocument, which are both zip files."""

from __future__ import annotations

import io
import re
import zipfile
from typing import IO, TYPE_CHECKING

from contributions.inspection.signatures import ARCHIVES, CHUNK, EXECUTABLES, OLE, PDF, ZIP
from contributions.inspection.types import FileRejected, FileType

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ENTRIES = 5000
MAX_UNPACKED = 512 * 1024 * 1024
MAX_RATIO = 150
RATIO_FLOOR = 1024 * 1024
"""An entry smaller than this, once unpacked, is no bomb whatever its ratio."""
MAX_NESTING = 2
MAX_MARKUP = 64 * 1024 * 1024

OOXML = "application/vnd.openxmlformats-officedocument."
OFFICE = {
    f"{OOXML}wordprocessingml.document.main+xml": (
        f"{OOXML}wordprocessingml.document",
        "docx",
    ),
    f"{OOXML}spreadsheetml.sheet.main+xml": (f"{OOXML}spreadsheetml.sheet", "xlsx"),
    f"{OOXML}presentationml.presentation.main+xml": (
        f"{OOXML}presentationml.presentation",
        "pptx",
    ),
}
OPEN_DOCUMENT = {
    "application/vnd.oasis.opendocument.text": "odt",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
    "application/vnd.oasis.opendocument.presentation": "odp",
}
MACRO_NAMES = re.compile(
    r"vbaproject|vbadata|activex|macrosheets|(?:^|/)ole_?object|/ctrlprops/|attachedtoolbars|"
    r"^basic/|^scripts/|/basic/|/scripts/|\.(?:exe|dll|scr|js|jse|vbs|vbe|hta|bat|cmd|ps1|jar|"
    r"class|lnk|msi|swf|php|svgz)$",
    re.IGNORECASE,
)
MACRO_TYPES = re.compile(rb"macroEnabled|vbaProject|activeX|ms-office\.vba|oleObject", re.I)
MACRO_MARKUP = re.compile(
    rb"DDEAUTO|instrText[^>]{0,80}>\s*DDE\b|<ddeLink|<oleLink|macro=\"[^\"]|onAction=|"
    rb"script:event-listener|office:event-listeners>\s*<|vnd\.sun\.star\.script:|macro:|"
    rb"<script:|<f[^>]{0,40}>[^<]{0,200}(?:cmd\||CALL\(|EXEC\(|REGISTER\()",
    re.IGNORECASE,
)
RELATIONSHIP = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>", re.IGNORECASE)
EXTERNAL = re.compile(rb"TargetMode\s*=\s*[\"']External", re.IGNORECASE)
PLAIN_LINK = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']", re.IGNORECASE)
SAFE_TARGET = re.compile(rb"Target\s*=\s*[\"'](?:https?:|mailto:|#)", re.IGNORECASE)
OUTSIDE_OBJECT = re.compile(
    rb"<(?:draw:(?:object|object-ole|image|plugin|applet|floating-frame)|text:section-source|"
    rb"table:table-source|table:cell-range-source)\b[^>]*xlink:href=\"(?:https?|ftp|file|smb|\\\\)",
    re.IGNORECASE,
)


def inspect_package(file: IO[bytes], depth: int = 0) -> FileType:
    """Return the type of a zip file, which must be a document and nothing else."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    try:
        package = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        raise FileRejected("broken") from error
    with package:
        entries = package.infolist()
        _check_layout(package, entries, size)
        names = {entry.filename for entry in entries}
        if "[Content_Types].xml" in names:
            file_type = _office_type(package)
        elif "mimetype" in names:
            file_type = _open_document_type(package, entries)
        else:
            raise FileRejected("archive")
        if {"AndroidManifest.xml", "classes.dex", "META-INF/MANIFEST.MF"} & names:
            raise FileRejected("executable")
        total = 0
        for entry in entries:
            total += _check_entry(package, entry, depth, MAX_UNPACKED - total)
    return file_type


def _check_layout(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse what is no plain zip: something before, after or between, names that climb out."""
    if not entries or len(entries) > MAX_ENTRIES:
        raise FileRejected("bomb" if entries else "broken")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or package.comment:
        raise FileRejected("polyglot")
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if entry.filename.startswith(("/", "\\")) or ".." in parts or ":" in entry.filename:
            raise FileRejected("broken")
        if entry.flag_bits & 0x1:
            raise FileRejected("encrypted")
        unpacked = entry.file_size
        if unpacked > RATIO_FLOOR and unpacked > MAX_RATIO * max(entry.compress_size, 1):
            raise FileRejected("bomb")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise FileRejected("bomb")
    in_order = sorted(entries, key=lambda entry: entry.header_offset)
    if in_order[0].header_offset != 0:
        raise FileRejected("polyglot")
    end = 0
    for entry in in_order:
        # Entries that share their bytes unfold without end (Fifield, "A better zip bomb").
        if entry.header_offset < end:
            raise FileRejected("bomb")
        end = entry.header_offset + 30 + len(entry.orig_filename.encode()) + entry.compress_size
    if end > package.start_dir or package.start_dir > size:
        raise FileRejected("broken")


def _office_type(package: zipfile.ZipFile) -> FileType:
    types = _read(package, "[Content_Types].xml")
    if MACRO_TYPES.search(types):
        raise FileRejected("macros")
    for main, (media_type, extension) in OFFICE.items():
        if main.encode() in types:
            return FileType(media_type, extension)
    raise FileRejected("unknown")


def _open_document_type(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> FileType:
    first = min(entries, key=lambda entry: entry.header_offset)
    media_type = _read(package, "mimetype").decode("ascii", "replace").strip()
    if first.filename != "mimetype" or media_type not in OPEN_DOCUMENT:
        raise FileRejected("unknown")
    if "META-INF/manifest.xml" in package.namelist():
        manifest = _read(package, "META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise FileRejected("encrypted")
    return FileType(media_type, OPEN_DOCUMENT[media_type])


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    """Return one entry, as long as it is of a decent size."""
    content = io.BytesIO()
    for piece in _unpack(package, package.getinfo(name), MAX_MARKUP):
        content.write(piece)
    return content.getvalue()


def _unpack(package: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """Yield what an entry really unfolds into, whatever size it declares."""
    seen = 0
    try:
        with package.open(entry) as source:
            while piece := source.read(CHUNK):
                seen += len(piece)
                if seen > limit:
                    raise FileRejected("bomb")
                yield piece
    except FileRejected:
        raise
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
    ) as error:
        raise FileRejected("broken") from error
    except Exception as error:
        if type(error).__module__ in {"zlib", "lzma"}:
            raise FileRejected("broken") from error
        raise


def _check_entry(package: zipfile.ZipFile, entry: zipfile.ZipInfo, depth: int, limit: int) -> int:
    """Look into one entry; return what it unfolds into."""
    name = entry.filename.lower()
    if entry.is_dir():
        return 0
    if MACRO_NAMES.search(name):
        raise FileRejected("macros")
    is_markup = name.endswith((".xml", ".rels", ".rdf", ".vml"))
    is_nested = False
    kept = io.BytesIO()
    size = 0
    for piece in _unpack(package, entry, limit):
        if size == 0:
            is_nested = piece.startswith(ZIP)
            if piece.startswith(OLE):
                raise FileRejected("macros")
            if piece.startswith(EXECUTABLES):
                raise FileRejected("executable")
            if piece.startswith(ARCHIVES) or (is_nested and depth >= MAX_NESTING):
                raise FileRejected("nested")
            if piece.startswith(PDF) or piece.lstrip()[:5].lower() == b"<html":
                raise FileRejected("nested")
        size += len(piece)
        if (is_markup or is_nested) and size <= MAX_MARKUP:
            kept.write(piece)
        elif is_markup or is_nested:
            raise FileRejected("bomb")
    if is_nested:
        inspect_package(kept, depth + 1)
    if is_markup:
        _check_markup(name, kept.getvalue())
    return size


def _check_markup(name: str, markup: bytes) -> None:
    if b"<!DOCTYPE" in markup or b"<!ENTITY" in markup:
        raise FileRejected("active_office")
    if b"\x00" in markup[:200]:
        # UTF-16 would hide from what follows; office suites write UTF-8.
        raise FileRejected("broken")
    if MACRO_MARKUP.search(markup) or OUTSIDE_OBJECT.search(markup):
        raise FileRejected("macros")
    if name.endswith(".rels"):
        for relationship in RELATIONSHIP.findall(markup):
            if EXTERNAL.search(relationship) and not (
                PLAIN_LINK.search(relationship) and SAFE_TARGET.search(relationship)
            ):
                raise FileRejected("external")
