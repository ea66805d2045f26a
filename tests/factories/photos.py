"""Photographs with their place, their device and more, in every way that their format has."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any

from PIL import Image as Pillow
from PIL import ImageCms
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = b"Lieu-secret-7421"
"""Written in each kind of metadata. No file that is kept may hold it."""
SIGNATURES = (
    SECRET,
    b"Exif\0\0",
    b"http://ns.adobe.com",
    b"xmpmeta",
    b"Photoshop 3.0",
    b"8BIM",
    b"MPF\0",
    b"mpvd",
    b"XMP Data",
    b"eXIf",
    b"iTXt",
    b"tEXt",
    b"zTXt",
    b"EXIF",
    b"XMP ",
)
"""What starts metadata in one format or another."""
XMP = (
    b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:exif="'
    b'http://ns.adobe.com/exif/1.0/" exif:GPSLatitude="50,38.2N">' + SECRET + b"</rdf:RDF>"
    b"</x:xmpmeta><?xpacket end='w'?>"
)
MAKE, GPS, ORIENTATION = 0x010F, 0x8825, 0x0112


def secret_exif(orientation: int = 1) -> Pillow.Exif:
    exif = Pillow.Exif()
    exif[MAKE] = SECRET.decode()
    exif[ORIENTATION] = orientation
    exif.get_ifd(GPS).update({1: "N", 2: (50.0, 38.0, 14.0), 3: "E", 4: (3.0, 3.0, 0.0)})
    return exif


def wide_profile() -> bytes:
    """Return a profile that is not sRGB, so that losing it would show."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()


def pixels(colour: str = "teal") -> Pillow.Image:
    """Return a picture of two colours, the first above."""
    image = Pillow.new("RGB", (64, 48), "white")
    image.paste(colour, (0, 0, 64, 24))
    return image


def _saved(image: Pillow.Image, kind: str, **options: Any) -> bytes:
    output = io.BytesIO()
    image.save(output, kind, icc_profile=wide_profile(), **options)
    return output.getvalue()


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _iptc() -> bytes:
    """An IPTC record with the name of a town (IIM 2:90), as Photoshop wraps it in a JPEG."""
    record = struct.pack(">BBBH", 0x1C, 2, 90, len(SECRET)) + SECRET
    block = (
        b"8BIM\x04\x04\0\0" + struct.pack(">L", len(record)) + record + b"\0" * (len(record) % 2)
    )
    return _segment(0xED, b"Photoshop 3.0\0" + block)


def _film() -> bytes:
    """A film as telephones add it after a photograph, with its place."""
    place = b"\0\0\0\x28udta\0\0\0\x20\xa9xyz" + SECRET
    return struct.pack(">L4s", 8 + len(place), b"mpvd") + place


def jpeg(**options: Any) -> bytes:
    exif = options.pop("exif", secret_exif())
    content = _saved(pixels(), "JPEG", exif=exif, xmp=XMP, comment=SECRET, extra=_iptc(), **options)
    return content + _film()


def mpo() -> bytes:
    """Two pictures, as telephones write for depth or light."""
    output = io.BytesIO()
    image = pixels()
    image.encoderinfo = {}
    image.save(
        output,
        "MPO",
        save_all=True,
        append_images=[pixels("navy")],
        exif=secret_exif(),
        icc_profile=wide_profile(),
        comment=SECRET,
        xmp=XMP,
    )
    return output.getvalue()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))


def png(**options: Any) -> bytes:
    info = PngInfo()
    info.add_text("Comment", SECRET.decode())
    info.add_text("Description", SECRET.decode(), zip=True)
    info.add_itxt("XML:com.adobe.xmp", XMP.decode())
    info.add(b"prVt", SECRET)
    info.add(b"tIME", b"\x07\xea\x01\x02\x03\x04\x05")
    return _saved(pixels(), "PNG", exif=secret_exif(), pnginfo=info, **options)


def animated_png() -> bytes:
    return png(save_all=True, append_images=[pixels("navy")], duration=90, loop=0)


def gif(**options: Any) -> bytes:
    output = io.BytesIO()
    pixels().save(output, "GIF", comment=SECRET, **options)
    content = output.getvalue()
    # XMP is one long block that ends with a ramp of bytes (XMP specification, part 3, 1.1.2).
    ramp = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    extension = b"\x21\xff\x0bXMP DataXMP" + XMP + ramp
    comment = b"\x21\xfe" + bytes([len(SECRET)]) + SECRET + b"\0"
    return content[:-1] + extension + comment + b"\x3b"


def animated_gif() -> bytes:
    return gif(save_all=True, append_images=[pixels("navy"), pixels("red")], duration=90, loop=0)


def webp(**options: Any) -> bytes:
    return _saved(pixels(), "WEBP", exif=secret_exif(), xmp=XMP, **options)


def animated_webp() -> bytes:
    return webp(save_all=True, append_images=[pixels("navy")], duration=90)


def avif(**options: Any) -> bytes:
    return _saved(pixels(), "AVIF", exif=secret_exif(), xmp=XMP, **options)


def animated_avif() -> bytes:
    return avif(save_all=True, append_images=[pixels("navy")], duration=90)


def heic(**options: Any) -> bytes:
    exif = options.pop("exif", secret_exif()).tobytes()
    return _saved(pixels(), "HEIF", exif=exif, xmp=XMP, **options) + _film()


PHOTOS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "jpeg": ("photo.jpg", jpeg),
    "jpeg, other extension": ("photo.jpeg", jpeg),
    "mpo": ("photo.jpg", mpo),
    "png": ("photo.png", png),
    "animated png": ("photo.png", animated_png),
    "gif": ("photo.gif", gif),
    "animated gif": ("photo.gif", animated_gif),
    "webp": ("photo.webp", webp),
    "animated webp": ("photo.webp", animated_webp),
    "avif": ("photo.avif", avif),
    "animated avif": ("photo.avif", animated_avif),
    "heic": ("photo.heic", heic),
}
"""A name and a maker for each format, and each way of writing it."""
