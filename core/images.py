"""Fields whose images are cleaned as they come in, whatever their way in."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.db.models.fields.files import FieldFile
from django.utils.translation import gettext_lazy as _
from wagtail.images import fields as forms
from wagtail.images.models import WagtailImageField, WagtailImageFieldFile

from core.compat import hash_filelike
from core.files.image_cleaning import (
    STORED_FORMATS,
    CleanedImage,
    ImageRejected,
    clean_image,
    clean_image_file,
)
from core.files.sandbox import SandboxError, SandboxTimeout, run_in_sandbox
from core.files.uploads import refuse_unstored

if TYPE_CHECKING:
    from django.db.models import Model

REJECTIONS = {
    "unknown": _(
        "Ce fichier n'est pas une image que nous acceptons, ou il est abîmé. Envoyez un JPEG, un "
        "PNG, un WebP, un GIF, un AVIF ou un HEIC."
    ),
    "broken": _(
        "Cette image est abîmée ou incomplète : nous n'arrivons pas à l'ouvrir. Enregistrez-la de "
        "nouveau et réessayez."
    ),
    "bomb": _(
        "Cette image est démesurée une fois ouverte : 50 millions de pixels et 500 vues au plus."
    ),
    "slow": _(
        "Cette image demande trop de temps à ouvrir. Réduisez-la, ou enregistrez-la en JPEG, et "
        "réessayez."
    ),
}
SECONDS = 15
"""Of a processor, at most, while an editor waits for an image to be cleaned."""


class CleanedFile(ContentFile[bytes]):
    """A file that holds a picture and its colour profile, and nothing else."""


def clean_file(file: IO[bytes], name: str) -> CleanedFile:
    """Return a cleaned image, under a name that ends as its format does.

    Raises:
        ValidationError: it may not be kept, with the reason in the reader's language.
    """
    try:
        image = clean_image(file)
    except ImageRejected as rejected:
        raise ValidationError(REJECTIONS[rejected.code], code=rejected.code) from rejected
    return CleanedFile(image.content, name=image.rename(name))


def clean_upload(file: IO[bytes], name: str) -> CleanedFile:
    """Return an image that somebody sends in, cleaned in a limited process.

    Raises:
        ValidationError: it may not be kept, with the reason in the reader's language.
    """
    with tempfile.TemporaryDirectory(prefix="pare-") as folder:
        received, cleaned = Path(folder) / "received", Path(folder) / "cleaned"
        file.seek(0)
        with received.open("wb") as target:
            shutil.copyfileobj(file, target)
        file.seek(0)
        try:
            found = run_in_sandbox(clean_image_file, str(received), str(cleaned), seconds=SECONDS)
        except SandboxTimeout as error:
            raise ValidationError(REJECTIONS["slow"], code="slow") from error
        except SandboxError as error:
            raise ValidationError(REJECTIONS["broken"], code="broken") from error
        if code := found.get("rejected"):
            raise ValidationError(REJECTIONS[code], code=code)
        image = CleanedImage(cleaned.read_bytes(), STORED_FORMATS[found["format"]])
    return CleanedFile(image.content, name=image.rename(name))


class CleanFileMixin(FieldFile):
    """A stored image that loses its metadata before it is written."""

    def save(self, name: str, content: File[bytes], save: bool = True) -> None:
        """Store the picture without its metadata, which may locate its author."""
        if not isinstance(content, CleanedFile):
            content = clean_file(content, PurePath(name).name)
        self.describe(content)
        super().save(str(PurePath(name).with_name(content.name or "")), content, save)

    def describe(self, content: CleanedFile) -> None:
        """Record on the model what is known of the new content."""


class CleanImageFieldFile(CleanFileMixin, WagtailImageFieldFile):
    """An image of the library."""

    def get_image_dimensions(self) -> tuple[int | None, int | None]:
        """Return width and height; of a new file that can't be read, nothing.

        Django asks as soon as a file is assigned, where no form shows what is wrong. It asks
        again once the file is cleaned, or refused.
        """
        try:
            return super().get_image_dimensions()
        except Exception:
            if self._committed:
                raise
            return None, None

    def describe(self, content: CleanedFile) -> None:
        image: Any = self.instance
        image.file_size = content.size
        image.file_hash = hash_filelike(content)


class CleanImageField(WagtailImageField):
    """An image field whose files hold a picture and nothing else."""

    attr_class = CleanImageFieldFile

    def clean(self, value: Any, model_instance: Model | None) -> Any:
        """Clean a new file while a form can still show what is wrong with it."""
        value = super().clean(value, model_instance)
        if not value or value._committed or isinstance(value.file, CleanedFile):
            return value
        return clean_upload(value.file, PurePath(str(value.name)).name)


class CleanImageFormField(forms.WagtailImageField):
    """The field of the library's forms: it shows why an image can't be kept."""

    def to_python(self, data: Any) -> CleanedFile | None:
        """Return the image cleaned."""
        refuse_unstored(data)
        file = super().to_python(data)
        return clean_upload(file, file.name) if file else None

    def check_image_pixel_size(self, f: Any) -> None:
        """Skip the check: cleaning checks the size before it decodes the image."""
