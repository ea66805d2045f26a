"""Images: written anew, with their pixels and their colour profile only."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING

from contributions.inspection.signatures import (
    ARCHIVES,
    EXECUTABLES,
    OLE,
    PDF,
    ZIP,
    is_zip,
    read_chunks,
)
from contributions.inspection.types import FileRejected, FileType
from core.files.image_cleaning import ImageRejected, clean_image

if TYPE_CHECKING:
    from pathlib import Path

# In an image, whose metadata may be XML: without the short ones that chance also writes.
HIDDEN_MARKUP = re.compile(
    rb"<\?php|<script|<html|<!doctype html|<iframe|javascript:|eval\(|base64_decode\(|"
    rb"document\.|alert\(|system\(",
    re.IGNORECASE,
)


def inspect_image(file: IO[bytes], rewritten: Path) -> FileType:
    """Return the type of an image, once decoded to its last pixel and written anew.

    Args:
        file: the image as received.
        rewritten: where to write the one to keep.
    """
    if is_zip(file):
        raise FileRejected("polyglot")
    for piece in read_chunks(file):
        if HIDDEN_MARKUP.search(piece):
            raise FileRejected("polyglot")
    try:
        image = clean_image(file, is_trusted=False)
    except ImageRejected as rejected:
        raise FileRejected("bomb" if rejected.code == "bomb" else "broken") from rejected
    # After the decoding: what is cut short has no end that something could follow.
    if _is_followed(file.read()):
        raise FileRejected("polyglot")
    rewritten.write_bytes(image.content)
    return FileType(image.format.media_type, image.format.extensions[0], is_rewritten=True)


def _is_followed(content: bytes) -> bool:
    """Return whether something else follows; telephones add to a JPEG, and that is dropped."""
    if content.startswith(b"\x89PNG"):
        return content.rfind(b"IEND") + 8 < len(content)
    if content.startswith(b"GIF8"):
        return content[-1:] != b"\x3b" or content[6:10] == b"/*"
    if content.startswith(b"RIFF"):
        return int.from_bytes(content[4:8], "little") + 8 < len(content)
    if content.startswith(b"\xff\xd8"):
        after = content[content.rfind(b"\xff\xd9") + 2 :]
        starts = (*EXECUTABLES, *ARCHIVES, OLE, ZIP, PDF, b"<")
        return (
            after.lstrip().startswith(starts)
            or ZIP in after
            or re.search(rb"%PDF-|PK\x05\x06", content) is not None
        )
    return ZIP in content
