"""Write an image anew, with its pixels and its colour profile and nothing else.

A photograph holds where it was taken, when and with which telephone: in EXIF, XMP, IPTC, comments,
second pictures, or a film after its end. So the parts that are kept are listed, not those that are
removed. Only Pillow is needed, without Django: what comes from outside is cleaned in a process of
its own (:mod:`core.files.sandbox`).
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from PIL import Image as Pillow
from PIL import ImageCms, ImageSequence, JpegImagePlugin, UnidentifiedImageError
from pillow_heif import HeifImagePlugin  # noqa: F401 (registers the format at import)

from core.files.image_containers import count_scans, holds_pixels_only

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_PIXELS = 50_000_000
MAX_FRAMES = 500
MAX_ANIMATED_PIXELS = 2 * MAX_PIXELS
"""Of all frames together: each is in memory at once."""
MAX_SCANS = 50
"""Of a progressive JPEG: thousands of them, in 300 kB, take a minute."""
QUALITY = 92
ORIENTATION = 0x0112
# EXIF 2.32, 4.6.5.1.6: where the first row and column of the stored picture are.
TRANSPOSITIONS = {
    2: Pillow.Transpose.FLIP_LEFT_RIGHT,
    3: Pillow.Transpose.ROTATE_180,
    4: Pillow.Transpose.FLIP_TOP_BOTTOM,
    5: Pillow.Transpose.TRANSPOSE,
    6: Pillow.Transpose.ROTATE_270,
    7: Pillow.Transpose.TRANSVERSE,
    8: Pillow.Transpose.ROTATE_90,
}


class ImageRejected(ValueError):
    """The image may not be kept.

    Attributes:
        code: ``unknown`` (not a format that we keep), ``broken`` or ``bomb``.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True)
class ImageFormat:
    """A format that is stored; ``extensions`` starts with the one to give a new file."""

    name: str
    media_type: str
    extensions: tuple[str, ...]
    is_animated: bool = False


JPEG = ImageFormat("JPEG", "image/jpeg", ("jpg", "jpeg"))
STORED_FORMATS = {
    "JPEG": JPEG,
    # Several pictures in a JPEG, which telephones write under the same extension.
    "MPO": JPEG,
    "HEIF": JPEG,
    # Animated PNG and AVIF give their first picture: Willow opens neither.
    "PNG": ImageFormat("PNG", "image/png", ("png",)),
    "GIF": ImageFormat("GIF", "image/gif", ("gif",), is_animated=True),
    "WEBP": ImageFormat("WEBP", "image/webp", ("webp",), is_animated=True),
    "AVIF": ImageFormat("AVIF", "image/avif", ("avif",)),
}
"""What each format that is read becomes. Any other is refused."""


@dataclass(frozen=True)
class CleanedImage:
    """A picture and its colour profile, ready to be stored."""

    content: bytes
    format: ImageFormat

    def rename(self, name: str) -> str:
        """Return a file's name with the extension of the format that it has now."""
        stem, _dot, extension = name.rpartition(".")
        if extension.lower() in self.format.extensions:
            return name
        return f"{stem or extension}.{self.format.extensions[0]}"


def clean_image(file: IO[bytes], *, is_trusted: bool = True) -> CleanedImage:
    """Return the same picture without any metadata, turned the right way up.

    Args:
        file: the image as received, seekable; it is left at its start.
        is_trusted: leave as it is a file that already holds a picture only, which would lose a
            little each time. What comes from outside is always written anew: it could be two
            files in one.

    Raises:
        ImageRejected: it is no image of a known format, or can't be read to its end, or is too big.
    """
    file.seek(0)
    content = file.read()
    is_plain = is_trusted and holds_pixels_only(content)
    file.seek(0)
    if content.startswith(b"\xff\xd8") and count_scans(content, MAX_SCANS) > MAX_SCANS:
        raise ImageRejected("bomb")
    try:
        # MPO has no signature of its own: Pillow finds it through JPEG.
        with Pillow.open(file, formats=[name for name in STORED_FORMATS if name != "MPO"]) as image:
            kept = STORED_FORMATS[image.format or ""]
            frame_count = _check_size(image, kept)
            if is_plain and image.info.get("icc_profile") == _colour_profile(image):
                for frame in ImageSequence.Iterator(image):
                    frame.load()
            elif frame_count > 1:
                content = _write_animation(image, kept)
            else:
                content = _write(image, kept)
    except ImageRejected:
        raise
    except UnidentifiedImageError as error:
        raise ImageRejected("unknown") from error
    except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning, MemoryError) as error:
        raise ImageRejected("bomb") from error
    except Exception as error:
        # Decoders raise whatever they like at bad data, and what can't be written anew is refused.
        raise ImageRejected("broken") from error
    finally:
        file.seek(0)
    if not holds_pixels_only(content):
        raise ImageRejected("broken")
    return CleanedImage(content, kept)


def clean_image_file(path: str, target: str) -> dict[str, str]:
    """Write a cleaned image to ``target``; only the limited process calls it.

    Returns:
        What Pillow calls its format, under ``format``, or the code of the reason under
        ``rejected``.
    """
    with open(path, "rb") as file:
        try:
            image = clean_image(file)
        except ImageRejected as rejected:
            return {"rejected": rejected.code}
    Path(target).write_bytes(image.content)
    return {"format": image.format.name}


def _check_size(image: Pillow.Image, kept: ImageFormat) -> int:
    """Return the number of frames to keep, before anything is decoded."""
    pixels = image.width * image.height
    frame_count = getattr(image, "n_frames", 1) if kept.is_animated else 1
    if pixels > MAX_PIXELS or frame_count > MAX_FRAMES:
        raise ImageRejected("bomb")
    if frame_count > 1 and frame_count * pixels > MAX_ANIMATED_PIXELS:
        raise ImageRejected("bomb")
    return frame_count


def _write(image: Pillow.Image, kept: ImageFormat) -> bytes:
    image.load()
    bare = _bare(image)
    options = _options(image, kept)
    if kept is JPEG:
        if (
            isinstance(image, JpegImagePlugin.JpegImageFile)
            and _orientation(image) not in TRANSPOSITIONS
        ):
            # The same tables: the pixels stay as they are.
            del options["quality"]
            options["qtables"] = image.quantization
            options["subsampling"] = JpegImagePlugin.get_sampling(image)
        elif bare.mode not in {"L", "RGB", "CMYK"}:
            bare = _on_white(bare)
    output = io.BytesIO()
    bare.save(output, **options)
    return output.getvalue()


def _write_animation(image: Any, kept: ImageFormat) -> bytes:
    loop = image.info.get("loop")
    options = _options(image, kept)
    if loop is not None:
        options["loop"] = loop
    frames, durations = [], []
    for frame, duration in _frames(image):
        frames.append(frame)
        durations.append(duration)
    options |= {"save_all": True, "append_images": frames[1:], "duration": durations}
    if kept.name == "GIF" and any(frame.has_transparency_data for frame in frames):
        # Each frame is whole: the one before must not show through it.
        options["disposal"] = 2
    output = io.BytesIO()
    frames[0].save(output, **options)
    return output.getvalue()


def _frames(image: Any) -> Iterator[tuple[Pillow.Image, int]]:
    """Yield each frame, drawn in full, and its duration in milliseconds."""
    for frame in ImageSequence.Iterator(image):
        frame.load()
        yield _bare(frame), int(frame.info.get("duration") or 0)


def _bare(image: Pillow.Image) -> Pillow.Image:
    """Return a copy with pixels, palette and transparency only, the right way up."""
    method = TRANSPOSITIONS.get(_orientation(image))
    bare = image.copy() if method is None else image.transpose(method)
    bare.info = {key: value for key, value in image.info.items() if key == "transparency"}
    return bare


def _orientation(image: Pillow.Image) -> int:
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        # Metadata that can't be read goes with the rest; the picture itself is sound.
        return 1


def _on_white(image: Pillow.Image) -> Pillow.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    picture = image.convert("RGBA")
    background = Pillow.new("RGBA", picture.size, "white")
    return Pillow.alpha_composite(background, picture).convert("RGB")


def _options(image: Pillow.Image, kept: ImageFormat) -> dict[str, Any]:
    options: dict[str, Any] = {"format": kept.name}
    if kept.name in {"JPEG", "WEBP", "AVIF"}:
        options["quality"] = QUALITY
    if kept.name != "GIF" and (profile := _colour_profile(image)):
        options["icc_profile"] = profile
    return options


def _colour_profile(image: Pillow.Image) -> bytes | None:
    """Return the profile if it is one, without what follows it."""
    profile = image.info.get("icc_profile")
    if not profile:
        return None
    try:
        ImageCms.ImageCmsProfile(io.BytesIO(profile))
    except (OSError, ImageCms.PyCMSError):
        return None
    return bytes(profile[: int.from_bytes(profile[:4])])
