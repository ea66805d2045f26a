"""What is done to an image file when it comes in."""

from __future__ import annotations

import io
from typing import IO, Any

from django.core.files.base import ContentFile, File
from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError
from wagtail.images.models import WagtailImageField, WagtailImageFieldFile
from wagtail.utils.file import hash_filelike

KEPT_FORMATS = {"JPEG", "PNG", "WEBP", "GIF", "AVIF"}


def without_metadata(file: IO[bytes]) -> ContentFile[bytes] | None:
    """Return the same picture without EXIF, GPS, XMP or comments, turned the right way up.

    Args:
        file: the image as uploaded, seekable.

    Returns:
        A new file with the same name, or ``None`` for a format that Pillow
        does not rewrite (it is left as it is, and form validation has already
        refused what is not an image).
    """
    file.seek(0)
    try:
        with Pillow.open(file) as picture:
            kind = picture.format or ""
            if kind not in KEPT_FORMATS:
                return None
            options: dict[str, Any] = {"format": kind}
            if profile := picture.info.get("icc_profile"):
                options["icc_profile"] = profile
            output = io.BytesIO()
            if getattr(picture, "n_frames", 1) > 1:
                picture.save(output, save_all=True, **options)
            else:
                upright = ImageOps.exif_transpose(picture)
                if kind == "JPEG":
                    # "keep" is lossless for the pixels, but only for a picture not turned.
                    unturned = upright.size == picture.size and not _is_turned(picture)
                    options["quality"] = "keep" if unturned else 92
                    upright = picture if unturned else upright
                elif kind in {"WEBP", "AVIF"}:
                    options["quality"] = 92
                for key in ("exif", "xmp", "XML:com.adobe.xmp", "comment", "photoshop"):
                    upright.info.pop(key, None)
                upright.save(output, exif=b"", **options)
    except (UnidentifiedImageError, OSError):
        return None
    finally:
        file.seek(0)
    return ContentFile(output.getvalue(), name=getattr(file, "name", None))


def _is_turned(picture: Pillow.Image) -> bool:
    orientation = 0x0112
    return picture.getexif().get(orientation, 1) != 1


class CleanImageFieldFile(WagtailImageFieldFile):
    """An image file that loses its metadata as it is stored, whatever its way in."""

    def save(self, name: str, content: File[bytes], save: bool = True) -> None:
        """Store the picture without what it says of its author's whereabouts."""
        clean = without_metadata(content)
        if clean is not None:
            self.instance.file_size = clean.size
            self.instance.file_hash = hash_filelike(clean)
            content = clean
        super().save(name, content, save)


class CleanImageField(WagtailImageField):
    """An image field whose files hold a picture and nothing else."""

    attr_class = CleanImageFieldFile
