# ruff: noqa: PLR2004 (The markers and lengths are the formats' own.)
"""Look at what a file of an image is made of, without decoding it.

Only the parts that draw the picture, and its colour profile, are on the lists below. Whatever is
not on them (a tag, a comment, bytes after the end, a part that nobody knew) counts as more, so
that a mistake here costs one more rewriting and never a leak.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

JPEG_TABLES = frozenset({0xC0, 0xC1, 0xC2, 0xC4, 0xDB, 0xDD})
"""SOF0 to SOF2, DHT, DQT and DRI (ITU-T T.81, table B.1)."""
JPEG_MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7]")
PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"IDAT", b"IEND"})
WEBP_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
WEBP_FRAME_CHUNKS = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
AVIF_BOXES = frozenset({b"ftyp", b"meta", b"mdat"})
AVIF_ITEM = re.compile(rb"infe\x02.{3}.{2}.{2}(.{4})", re.DOTALL)
# Also what turns a picture: it is drawn turned instead.
AVIF_FOREIGN = re.compile(rb"uuid|udta|Exif|mime|uri |xml |irot|imir")


def looks_like_image(head: bytes) -> bool:
    """Return whether a file starts as one of the images that we read."""
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")):
        return True
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    brands = (b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1")
    return head[4:8] == b"ftyp" and any(brand in head[8:64] for brand in brands)


def holds_pixels_only(content: bytes) -> bool:
    """Return whether a file has nothing but a picture and its colour profile.

    Args:
        content: the whole file. False for a format that is not known here.
    """
    try:
        return any(content.startswith(head) and check(content) for head, check in CHECKS.items())
    except IndexError:
        return False


def count_scans(content: bytes, limit: int) -> int:
    """Return how many times the first picture of a JPEG is drawn over, as far as a limit.

    A progressive one is drawn ten times or so. A scan of a few bytes goes over all of its pixels.
    """
    position, count = 2, 0
    try:
        while content[position] == 0xFF and content[position + 1] != 0xD9 and count <= limit:
            length = int.from_bytes(content[position + 2 : position + 4])
            is_scan = content[position + 1] == 0xDA
            position += 2 + length
            if is_scan:
                count += 1
                found = JPEG_MARKER_IN_SCAN.search(content, position)
                if found is None:
                    break
                position = found.start()
    except IndexError:
        # Cut short: it is for the decoder to refuse.
        pass
    return count


def _is_plain_jpeg(content: bytes) -> bool:
    position = 2
    while content[position] == 0xFF:
        marker = content[position + 1]
        if marker == 0xD9:
            return position + 2 == len(content)
        length = int.from_bytes(content[position + 2 : position + 4])
        payload = content[position + 4 : position + 2 + length]
        position += 2 + length
        if marker == 0xDA:
            found = JPEG_MARKER_IN_SCAN.search(content, position)
            if found is None:
                return False
            position = found.start()
        elif not (marker in JPEG_TABLES or _is_plain_segment(marker, payload)):
            return False
    return False


def _is_plain_segment(marker: int, payload: bytes) -> bool:
    """Return whether an application segment is JFIF without thumbnail, ICC or Adobe's colours."""
    match marker:
        case 0xE0:
            return payload.startswith(b"JFIF\0") and len(payload) == 14
        case 0xE2:
            return payload.startswith(b"ICC_PROFILE\0")
        case 0xEE:
            return payload.startswith(b"Adobe") and len(payload) == 12
        case _:
            return False


def _is_plain_png(content: bytes) -> bool:
    position, name = 8, b""
    while position < len(content) and name != b"IEND":
        length = int.from_bytes(content[position : position + 4])
        name = content[position + 4 : position + 8]
        if name not in PNG_CHUNKS or (name == b"IEND" and length):
            return False
        position += 12 + length
    return name == b"IEND" and position == len(content)


def _riff_chunks(content: bytes, position: int) -> Iterator[tuple[bytes, bytes]]:
    while position < len(content):
        name, size = content[position : position + 4], content[position + 4 : position + 8]
        length = int.from_bytes(size, "little")
        yield name, content[position + 8 : position + 8 + length]
        position += 8 + length + length % 2
    if position > len(content):
        raise IndexError


def _is_plain_webp(content: bytes) -> bool:
    if content[8:12] != b"WEBP" or int.from_bytes(content[4:8], "little") + 8 != len(content):
        return False
    for name, payload in _riff_chunks(content, 12):
        if name not in WEBP_CHUNKS:
            return False
        frame = _riff_chunks(payload, 16) if name == b"ANMF" else ()
        if any(inner not in WEBP_FRAME_CHUNKS for inner, _payload in frame):
            return False
    return True


def _is_plain_gif(content: bytes) -> bool:
    position = 13 + _palette_length(content[10])
    while content[position] != 0x3B:
        if content[position] == 0x2C:
            position += 11 + _palette_length(content[position + 9])
        elif content[position : position + 3] == b"\x21\xf9\x04":
            position += 2
        elif content[position : position + 15] == b"\x21\xff\x0bNETSCAPE2.0\x03":
            position += 14
        else:
            return False
        while length := content[position]:
            position += 1 + length
        position += 1
    return position + 1 == len(content)


def _palette_length(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _is_plain_avif(content: bytes) -> bool:
    if content[4:8] != b"ftyp" or content[8:12] != b"avif":
        return False
    position = 0
    while position < len(content):
        length = int.from_bytes(content[position : position + 4])
        name = content[position + 4 : position + 8]
        if name not in AVIF_BOXES or length < 8:
            return False
        if name == b"meta":
            box = content[position : position + length]
            items = AVIF_ITEM.findall(box)
            is_known = len(items) == box.count(b"infe") and set(items) <= {b"av01", b"grid"}
            if not is_known or AVIF_FOREIGN.search(box):
                return False
        position += length
    return position == len(content)


CHECKS: dict[bytes, Callable[[bytes], bool]] = {
    b"\xff\xd8\xff": _is_plain_jpeg,
    b"\x89PNG\r\n\x1a\n": _is_plain_png,
    b"RIFF": _is_plain_webp,
    b"GIF8": _is_plain_gif,
    b"\0\0\0": _is_plain_avif,
}
