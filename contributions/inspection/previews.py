"""Small pictures and first words of files, for those who decide about them.

What comes from outside is read in a limited process: nothing here needs Django.
"""

from __future__ import annotations

from pathlib import Path

MAX_PIXELS = (640, 480)
MAX_CHARACTERS = 3000


def write_thumbnail(path: str, target: str) -> bool:
    """Write a small JPEG of an image; only the limited process calls it."""
    from PIL import Image  # noqa: PLC0415 (only the limited process loads it)

    with Image.open(path) as image:
        image.draft("RGB", MAX_PIXELS)
        picture = image.convert("RGBA")
        picture.thumbnail(MAX_PIXELS)
        # What is transparent would be black.
        white = Image.new("RGBA", picture.size, "white")
        Image.alpha_composite(white, picture).convert("RGB").save(target, "JPEG", quality=80)
    return True


def read_start(path: str) -> str:
    """Return the first words of a text."""
    with Path(path).open("rb") as file:
        content = file.read(4 * MAX_CHARACTERS)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # A character may be cut at the end.
        is_cut = error.start > len(content) - 4
        text = content.decode("utf-8-sig" if is_cut else "cp1252", "replace")
    return text[:MAX_CHARACTERS]
