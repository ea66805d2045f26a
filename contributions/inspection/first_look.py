"""What the first bytes of a file show, in a moment, while a form can still show what is wrong.

Only these bytes are read, whatever the file: :func:`contributions.inspection.inspect` looks at the
rest, elsewhere.
"""

from __future__ import annotations

from contributions.inspection.office import OFFICE, OPEN_DOCUMENT
from contributions.inspection.signatures import PDF, ZIP, reject_by_signature
from contributions.inspection.text import MARKUP, MAX_TEXT
from contributions.inspection.types import FileRejected, FileType
from core.files.image_containers import looks_like_image

HEAD_BYTES = 4096
MAX_IMAGE_BYTES = 25 * 1024 * 1024
MEDIA_TYPES = {
    **{extension: media_type for media_type, extension in OFFICE.values()},
    **{extension: media_type for media_type, extension in OPEN_DOCUMENT.items()},
}
TEXTS = {"csv": "text/csv", "txt": "text/plain"}


def look(head: bytes, extension: str, size: int) -> FileType:
    """Return what a file seems to be: only its inspection will show what it is.

    Args:
        head: its first :data:`HEAD_BYTES`.
        extension: what its name ends with, lower case, without the dot.
        size: of the whole.

    Raises:
        FileRejected: that is enough to refuse it.
    """
    if not head:
        raise FileRejected("empty")
    reject_by_signature(head)
    if head.startswith(PDF):
        return FileType("application/pdf", "pdf")
    if head.startswith(ZIP):
        if extension == "zip":
            raise FileRejected("archive")
        return FileType(MEDIA_TYPES.get(extension, "application/octet-stream"), extension)
    if looks_like_image(head):
        if size > MAX_IMAGE_BYTES:
            raise FileRejected("too_large")
        return FileType(_image_type(head), extension)
    return _look_at_text(head, extension, size)


def _image_type(head: bytes) -> str:
    if head.startswith(b"\xff\xd8"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG"):
        return "image/png"
    if head.startswith(b"GIF8"):
        return "image/gif"
    if head.startswith(b"RIFF"):
        return "image/webp"
    return "image/avif" if b"avif" in head[8:64] else "image/heic"


def _look_at_text(head: bytes, extension: str, size: int) -> FileType:
    is_binary = head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in head
    if is_binary or size > MAX_TEXT:
        raise FileRejected("unknown")
    if MARKUP.search(head):
        raise FileRejected("web")
    if extension not in TEXTS:
        raise FileRejected("unknown")
    return FileType(TEXTS[extension], extension)
