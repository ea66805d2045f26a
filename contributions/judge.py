"""Judge one file by what is in it, in a process of its own with little memory and little time.

What comes from outside must not reach the web process, whatever it does to
those who read it (a bomb, a loop, a crash). So this module imports nothing of
ours and runs alone::

    python -I contributions/judge.py PATH EXTENSION CLEANED

It prints a verdict as JSON: ``{"media_type": …, "extension": …, "cleaned": …}``
for a file that may be kept, ``{"refused": CODE}`` for one that may not. A
picture is written anew to CLEANED, without EXIF, GPS, comments or anything
that followed it. :mod:`contributions.files` says the codes in words.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 60
MEMORY_BYTES = 1024**3
CHUNK = 1 << 20
MAX_PIXELS = 50_000_000
MAX_FRAMES = 500

MAX_ENTRIES = 5000
MAX_UNPACKED = 512 * 1024 * 1024
MAX_RATIO = 150
RATIO_FLOOR = 1024 * 1024
"""An entry smaller than this, once unpacked, is no bomb whatever its ratio."""
MAX_NESTING = 2
MAX_MARKUP = 64 * 1024 * 1024
MAX_PDF_OBJECTS = 300_000
MAX_TEXT = 20 * 1024 * 1024


class Refused(Exception):
    """The file may not be kept; the message is the code of the reason."""


@dataclass(frozen=True)
class Verdict:
    """What a file is, by its content."""

    media_type: str
    extension: str
    cleaned: bool = False


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
PICTURES = {
    "JPEG": ("image/jpeg", "jpg"),
    "PNG": ("image/png", "png"),
    "GIF": ("image/gif", "gif"),
    "WEBP": ("image/webp", "webp"),
    "AVIF": ("image/avif", "avif"),
}

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

# What a browser or a server would run, wherever it is.
MARKUP = re.compile(
    rb"<\?php|<\?=|<%@|<script|<html|<!doctype|<svg|<iframe|<body|<foreignobject|<!entity|"
    rb"<x?ht:|<hta:|javascript:|vbscript:",
    re.IGNORECASE,
)
# In a picture, whose metadata may be XML: without the short ones that chance also writes.
HIDDEN_MARKUP = re.compile(
    rb"<\?php|<script|<html|<!doctype html|<iframe|javascript:|eval\(|base64_decode\(|"
    rb"document\.|alert\(|system\(",
    re.IGNORECASE,
)
SCRIPT = re.compile(
    rb"\beval\s*\(|\bdocument\.(?:write|cookie|location)|\bwindow\.(?:location|open)|"
    rb"\bActiveXObject\b|\bWScript\.|\bCreateObject\s*\(|\bnew\s+Function\s*\(|"
    rb"\bSub\s+Auto_?Open\b|\bpowershell\b.{0,40}-e|\bInvoke-(?:Expression|WebRequest)\b|"
    rb"\bos\.system\s*\(|\bsubprocess\.|\bjava\.lang\.Runtime\b|\bfunction\s*\([\w\s,]*\)\s*\{|"
    rb"^\s*@echo\s+off|^\[(?:InternetShortcut|autorun)\]|^\s*Windows Registry Editor|"
    rb"^\s*%!PS|^\s*\{\\rtf|X5O!P%@AP\[4\\PZX54",
    re.IGNORECASE | re.MULTILINE,
)
FORMULA = re.compile(r"""^["']?\s*(?:[=@]|[+-]\s*(?:[A-Za-z(@]|\d+[+*/-]\s*[A-Za-z]))""")
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


def judge(path: Path, extension: str, cleaned: Path | None = None) -> Verdict:
    """Return what the file is.

    Args:
        path: where it is.
        extension: what its name ends with, lower case, without the dot.
        cleaned: where to write a picture anew.

    Raises:
        Refused: it may not be kept.
    """
    with path.open("rb") as file:
        head = file.read(4096)
        if not head:
            raise Refused("empty")
        _refuse_by_head(head)
        file.seek(0)
        if head.startswith(PDF):
            return _judge_pdf(path, file)
        if head.startswith(ZIP):
            return _judge_package(file)
        if _looks_like_picture(head):
            return _judge_picture(file, cleaned)
        return _judge_text(file, extension)


def _refuse_by_head(head: bytes) -> None:
    if head.startswith(EXECUTABLES):
        raise Refused("executable")
    if head.startswith(OLE):
        raise Refused("old_office")
    if head.startswith(ARCHIVES) or head[257:262] == b"ustar":
        raise Refused("archive")
    if PDF in head[1:1024]:
        raise Refused("polyglot")


def _looks_like_picture(head: bytes) -> bool:
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")) or (
        (head.startswith(b"RIFF") and head[8:12] == b"WEBP")
        or (head[4:8] == b"ftyp" and b"avif" in head[8:64])
    )


def _chunks(file: IO[bytes], overlap: int = 64) -> Iterator[bytes]:
    """Yield the whole file, each piece with the end of the one before it."""
    file.seek(0)
    tail = b""
    while piece := file.read(CHUNK):
        yield tail + piece
        tail = piece[-overlap:]


def _is_zip_too(file: IO[bytes]) -> bool:
    file.seek(0)
    return zipfile.is_zipfile(file)


# PDF


def _judge_pdf(path: Path, file: IO[bytes]) -> Verdict:
    if _is_zip_too(file):
        raise Refused("polyglot")
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(max(0, size - 65_536))
    tail = file.read()
    end = tail.rfind(b"%%EOF")
    if end < 0:
        raise Refused("broken")
    after = tail[end + 5 :].strip(b"\r\n \t\0")
    if after:
        raise Refused("polyglot")
    for piece in _chunks(file):
        if re.search(rb"<\?php|<script|<html", piece, re.IGNORECASE):
            raise Refused("polyglot")
    _walk_pdf(path)
    return Verdict("application/pdf", "pdf")


def _walk_pdf(path: Path) -> None:
    """Look at every object of the file, in whatever way its names are written."""
    from pypdf import PdfReader  # noqa: PLC0415 (only the process of its own loads it)
    from pypdf.errors import PyPdfError  # noqa: PLC0415
    from pypdf.generic import IndirectObject  # noqa: PLC0415

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Refused("encrypted")
        if len(reader.pages) == 0:
            raise Refused("broken")
        # Cross-reference tables and object streams: all that a viewer could reach.
        keys = {(number, gen) for gen, table in reader.xref.items() for number in table}
        keys |= {(number, 0) for number in reader.xref_objStm}
        if len(keys) > MAX_PDF_OBJECTS:
            raise Refused("bomb")
        _walk_value(reader.trailer)
        for number, generation in keys:
            if number:
                _walk_value(reader.get_object(IndirectObject(number, generation, reader)))
    except Refused:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise Refused("broken") from error
    except (RecursionError, AssertionError, IndexError) as error:
        raise Refused("broken") from error


def _walk_value(root: Any) -> None:
    """Refuse what a name inside one object says; other objects have their own turn."""
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for key in value:
                if str(key) in PDF_FORBIDDEN:
                    raise Refused("active_pdf")
            waiting.extend(dict.values(value))
        elif isinstance(value, list):
            waiting.extend(list.__iter__(value))
        elif isinstance(value, str) and str(value) in PDF_FORBIDDEN:
            raise Refused("active_pdf")


# Packages: OOXML and OpenDocument are both zip files


def _judge_package(file: IO[bytes], depth: int = 0) -> Verdict:
    """Judge a zip file, which must be a document and nothing else."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(0)
    try:
        package = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OverflowError) as error:
        raise Refused("broken") from error
    with package:
        entries = package.infolist()
        _check_layout(package, entries, size)
        names = {entry.filename for entry in entries}
        if "[Content_Types].xml" in names:
            verdict = _office_type(package)
        elif "mimetype" in names:
            verdict = _open_document_type(package, entries)
        else:
            raise Refused("archive")
        if {"AndroidManifest.xml", "classes.dex", "META-INF/MANIFEST.MF"} & names:
            raise Refused("executable")
        total = 0
        for entry in entries:
            total += _check_entry(package, entry, depth, MAX_UNPACKED - total)
    return verdict


def _check_layout(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo], size: int) -> None:
    """Refuse what is no plain zip: something before, after or between, names that climb out."""
    if not entries or len(entries) > MAX_ENTRIES:
        raise Refused("bomb" if entries else "broken")
    names = [entry.filename for entry in entries]
    if len(set(names)) != len(names) or package.comment:
        raise Refused("polyglot")
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if entry.filename.startswith(("/", "\\")) or ".." in parts or ":" in entry.filename:
            raise Refused("broken")
        if entry.flag_bits & 0x1:
            raise Refused("encrypted")
        unpacked = entry.file_size
        if unpacked > RATIO_FLOOR and unpacked > MAX_RATIO * max(entry.compress_size, 1):
            raise Refused("bomb")
    if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Refused("bomb")
    in_order = sorted(entries, key=lambda entry: entry.header_offset)
    if in_order[0].header_offset != 0:
        raise Refused("polyglot")
    end = 0
    for entry in in_order:
        # Entries that share their bytes unfold without end (Fifield, "A better zip bomb").
        if entry.header_offset < end:
            raise Refused("bomb")
        end = entry.header_offset + 30 + len(entry.orig_filename.encode()) + entry.compress_size
    if end > package.start_dir or package.start_dir > size:
        raise Refused("broken")


def _office_type(package: zipfile.ZipFile) -> Verdict:
    types = _read(package, "[Content_Types].xml")
    if MACRO_TYPES.search(types):
        raise Refused("macros")
    for main, (media_type, extension) in OFFICE.items():
        if main.encode() in types:
            return Verdict(media_type, extension)
    raise Refused("unknown")


def _open_document_type(package: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Verdict:
    first = min(entries, key=lambda entry: entry.header_offset)
    said = _read(package, "mimetype").decode("ascii", "replace").strip()
    if first.filename != "mimetype" or said not in OPEN_DOCUMENT:
        raise Refused("unknown")
    if "META-INF/manifest.xml" in package.namelist():
        manifest = _read(package, "META-INF/manifest.xml")
        if b"encryption-data" in manifest:
            raise Refused("encrypted")
    return Verdict(said, OPEN_DOCUMENT[said])


def _read(package: zipfile.ZipFile, name: str) -> bytes:
    """Return one entry, as long as it is of a decent size."""
    content = io.BytesIO()
    for piece in _unpack(package, package.getinfo(name), MAX_MARKUP):
        content.write(piece)
    return content.getvalue()


def _unpack(package: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> Iterator[bytes]:
    """Yield what an entry really unfolds into, whatever it says of its size."""
    seen = 0
    try:
        with package.open(entry) as source:
            while piece := source.read(CHUNK):
                seen += len(piece)
                if seen > limit:
                    raise Refused("bomb")
                yield piece
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise Refused("broken") from error
    except ValueError as error:
        raise Refused("broken") from error
    except Exception as error:
        if type(error).__module__ in {"zlib", "lzma"} or isinstance(error, Refused):
            raise Refused(str(error) if isinstance(error, Refused) else "broken") from error
        raise


def _check_entry(package: zipfile.ZipFile, entry: zipfile.ZipInfo, depth: int, limit: int) -> int:
    """Look into one entry; return what it unfolds into."""
    name = entry.filename.lower()
    if entry.is_dir():
        return 0
    if MACRO_NAMES.search(name):
        raise Refused("macros")
    is_markup = name.endswith((".xml", ".rels", ".rdf", ".vml"))
    is_nested = False
    kept = io.BytesIO()
    size = 0
    for piece in _unpack(package, entry, limit):
        if size == 0:
            is_nested = piece.startswith(ZIP)
            if piece.startswith(OLE):
                raise Refused("macros")
            if piece.startswith(EXECUTABLES):
                raise Refused("executable")
            if piece.startswith(ARCHIVES) or (is_nested and depth >= MAX_NESTING):
                raise Refused("nested")
            if piece.startswith(PDF) or piece.lstrip()[:5].lower() == b"<html":
                raise Refused("nested")
        size += len(piece)
        if (is_markup or is_nested) and size <= MAX_MARKUP:
            kept.write(piece)
        elif is_markup or is_nested:
            raise Refused("bomb")
    if is_nested:
        _judge_package(kept, depth + 1)
    if is_markup:
        _check_markup(name, kept.getvalue())
    return size


def _check_markup(name: str, markup: bytes) -> None:
    if b"<!DOCTYPE" in markup or b"<!ENTITY" in markup:
        raise Refused("active_office")
    if b"\x00" in markup[:200]:
        # UTF-16 would hide from what follows; office suites write UTF-8.
        raise Refused("broken")
    if MACRO_MARKUP.search(markup) or OUTSIDE_OBJECT.search(markup):
        raise Refused("macros")
    if name.endswith(".rels"):
        for relationship in RELATIONSHIP.findall(markup):
            if EXTERNAL.search(relationship) and not (
                PLAIN_LINK.search(relationship) and SAFE_TARGET.search(relationship)
            ):
                raise Refused("external")


# Pictures


def _judge_picture(file: IO[bytes], cleaned: Path | None) -> Verdict:
    """Decode every pixel, and write the picture anew."""
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 (only this process loads it)

    if _is_zip_too(file):
        raise Refused("polyglot")
    for piece in _chunks(file):
        if HIDDEN_MARKUP.search(piece):
            raise Refused("polyglot")
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    file.seek(0)
    try:
        with Image.open(file, formats=list(PICTURES)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Refused("bomb")
            frames = getattr(picture, "n_frames", 1)
            if frames > MAX_FRAMES or frames * picture.width * picture.height > 4 * MAX_PIXELS:
                raise Refused("bomb")
            media_type, extension = PICTURES[picture.format or ""]
            _refuse_trailing(file, picture.format or "")
            if cleaned is not None:
                _write_clean(picture, cleaned)
            else:
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise Refused("bomb") from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError) as error:
        raise Refused("broken") from error
    return Verdict(media_type, extension, cleaned is not None)


def _refuse_trailing(file: IO[bytes], kind: str) -> None:
    """Refuse what follows a picture; phones add previews to a JPEG, and that is dropped."""
    position = file.tell()
    file.seek(0)
    content = file.read()
    file.seek(position)
    match kind:
        case "PNG":
            end = content.rfind(b"IEND") + 8
            is_more = end < len(content)
        case "GIF":
            is_more = content[-1:] != b"\x3b" or content[6:10] == b"/*"
        case "WEBP":
            is_more = int.from_bytes(content[4:8], "little") + 8 < len(content)
        case "JPEG":
            after = content[content.rfind(b"\xff\xd9") + 2 :]
            is_more = bool(after) and bool(
                after.lstrip().startswith((*EXECUTABLES, *ARCHIVES, OLE, ZIP, PDF, b"<"))
                or PDF in after
                or ZIP in after
            )
            is_more = is_more or re.search(rb"%PDF-|PK\x05\x06", content) is not None
        case _:
            is_more = ZIP in content
    if is_more:
        raise Refused("polyglot")


def _write_clean(picture: Any, cleaned: Path) -> None:
    from PIL import ImageOps  # noqa: PLC0415 (only this process loads it)

    kind = picture.format
    options: dict[str, Any] = {"format": kind}
    if profile := picture.info.get("icc_profile"):
        options["icc_profile"] = profile
    if getattr(picture, "n_frames", 1) > 1 and kind in {"GIF", "WEBP", "PNG"}:
        picture.info.pop("comment", None)
        picture.save(cleaned, save_all=True, exif=b"", **options)
        return
    orientation = 0x0112
    turned = picture.getexif().get(orientation, 1) != 1
    if kind == "JPEG" and not turned:
        options["quality"] = "keep"
        clean = picture
    else:
        clean = ImageOps.exif_transpose(picture)
        if kind in {"JPEG", "WEBP", "AVIF"}:
            options["quality"] = 92
    for key in ("exif", "xmp", "XML:com.adobe.xmp", "comment", "photoshop"):
        clean.info.pop(key, None)
    clean.save(cleaned, exif=b"", **options)


# Text


def _judge_text(file: IO[bytes], extension: str) -> Verdict:
    """Judge what has no signature: plain text or a table, and nothing that something runs."""
    file.seek(0)
    content = file.read(MAX_TEXT + 1)
    if len(content) > MAX_TEXT:
        raise Refused("unknown")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise Refused("unknown")
    if _is_zip_too(file):
        raise Refused("polyglot")
    if MARKUP.search(content) or content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<?xml"):
        raise Refused("web")
    if SCRIPT.search(content):
        raise Refused("script")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
        if "\ufffd" in text:
            raise Refused("unknown") from None
    if re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", text):
        raise Refused("unknown")
    if extension == "csv":
        cells = (cell for line in text.splitlines() for cell in re.split(r"[;,\t]", line))
        if any(FORMULA.match(cell) for cell in cells):
            raise Refused("formula")
        return Verdict("text/csv", "csv")
    if extension == "txt":
        return Verdict("text/plain", "txt")
    raise Refused("unknown")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _main(path: str, extension: str, cleaned: str) -> dict[str, Any]:
    _limit()
    try:
        return judge(Path(path), extension, Path(cleaned) if cleaned else None).__dict__
    except Refused as refused:
        return {"refused": str(refused)}
    except MemoryError:
        return {"refused": "bomb"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_main(*sys.argv[1:])))
