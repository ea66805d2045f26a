"""Read the text of a PDF, which comes from outside, in a process of its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

from core.files.sandbox import SandboxError, run_in_sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from pypdf import PdfReader

State = Literal["read", "scanned", "broken"]

MAX_CHARACTERS = 400_000


@dataclass(frozen=True)
class PDFText:
    """What could be read: the state, the number of pages (if known), the text, and its tags.

    Tags name titles, paragraphs and pictures for screen readers (ISO 32000-2, 14.8).
    """

    state: State
    page_count: int | None = None
    text: str = ""
    is_tagged: bool | None = None


def read_pdf(path: Path, seconds: int | None = None) -> PDFText:
    """Return what can be read of the PDF at ``path``; never raises for a bad file.

    Args:
        path: where it is.
        seconds: at most, where somebody waits.
    """
    try:
        return PDFText(**run_in_sandbox(extract_text, str(path), seconds=seconds))
    except SandboxError:
        return PDFText("broken")


def extract_text(path: str) -> dict[str, Any]:
    """Return the fields of a :class:`PDFText`. Only the limited process calls it."""
    from pypdf import PdfReader  # noqa: PLC0415 (only the limited process loads it)

    reader = PdfReader(path)
    if reader.is_encrypted and not reader.decrypt(""):
        return asdict(PDFText("broken"))
    page_count = len(reader.pages)
    parts: list[str] = []
    length = 0
    for page in reader.pages:
        part = page.extract_text() or ""
        parts.append(part)
        length += len(part)
        if length > MAX_CHARACTERS:
            break
    text = " ".join(" ".join(parts).split())[:MAX_CHARACTERS].replace("\x00", "")
    state: State = "read" if text else "scanned"
    return asdict(PDFText(state, page_count, text, _is_tagged(reader)))


def _is_tagged(reader: PdfReader) -> bool:
    catalog: Any = reader.trailer["/Root"].get_object()
    marks: Any = catalog.get("/MarkInfo")
    is_marked = marks is not None and bool(marks.get_object().get("/Marked"))
    return is_marked and "/StructTreeRoot" in catalog
