"""Files as people send them, good and bad."""

from __future__ import annotations

import io
import zlib
from typing import Any

from django.core.files.base import ContentFile
from PIL import Image as Pillow
from pypdf import PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, NameObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas


def text_pdf(*pages: str, name: str = "guide.pdf", encrypt: str | None = None) -> ContentFile:
    """Return a PDF with one line of text on each page."""
    output = io.BytesIO()
    canvas = Canvas(output, encrypt=encrypt, invariant=1)
    for text in pages or ("Repérer les signes",):
        canvas.drawString(72, 720, text)
        canvas.showPage()
    canvas.save()
    return ContentFile(output.getvalue(), name=name)


def tagged_pdf(text: str = "Repérer les signes", name: str = "balise.pdf") -> ContentFile:
    """Return a PDF that declares its tags, as office programs do on demand."""
    writer = PdfWriter(clone_from=text_pdf(text))
    writer.root_object[NameObject("/MarkInfo")] = DictionaryObject(
        {NameObject("/Marked"): BooleanObject(True)}
    )
    writer.root_object[NameObject("/StructTreeRoot")] = DictionaryObject()
    output = io.BytesIO()
    writer.write(output)
    return ContentFile(output.getvalue(), name=name)


def encrypted_pdf(name: str = "protege.pdf") -> ContentFile:
    """Return a PDF that opens with a password only."""
    return text_pdf("Secret", name=name, encrypt="mot-de-passe")


def scanned_pdf(name: str = "numerise.pdf") -> ContentFile:
    """Return a PDF that is a picture of a page, without text."""
    output = io.BytesIO()
    canvas = Canvas(output, invariant=1)
    canvas.drawImage(ImageReader(Pillow.new("RGB", (60, 80), "white")), 0, 0, 595, 842)
    canvas.showPage()
    canvas.save()
    return ContentFile(output.getvalue(), name=name)


def broken_pdf(name: str = "abime.pdf") -> ContentFile:
    """Return what starts like a PDF and is none."""
    return ContentFile(b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog", name=name)


def bomb_pdf(megabytes: int = 200, name: str = "bombe.pdf") -> ContentFile:
    """Return a small PDF whose page unfolds into all these megabytes."""
    squeeze = zlib.compressobj(1)
    block = b" " * (1 << 20)
    once = b"".join(squeeze.compress(block) for _ in range(megabytes)) + squeeze.flush()
    content = zlib.compress(once, 9)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        b"<< /Length %d /Filter [/FlateDecode /FlateDecode] >>\nstream\n%s\nendstream"
        % (len(content), content),
    ]
    output = io.BytesIO(b"%PDF-1.4\n")
    output.seek(0, io.SEEK_END)
    offsets = []
    for number, source in enumerate(objects, start=1):
        offsets.append(output.tell())
        output.write(b"%d 0 obj\n%s\nendobj\n" % (number, source))
    start = output.tell()
    output.write(b"xref\n0 5\n0000000000 65535 f \n")
    output.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    output.write(b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start)
    return ContentFile(output.getvalue(), name=name)


def image_file(
    name: str = "photo.jpg",
    size: tuple[int, int] = (48, 32),
    color: str = "teal",
    kind: str = "JPEG",
    **options: Any,
) -> ContentFile:
    """Return a picture of one colour; ``options`` are Pillow's (``exif``, ``xmp``)."""
    output = io.BytesIO()
    Pillow.new("RGB", size, color).save(output, kind, **options)
    return ContentFile(output.getvalue(), name=name)
