"""Clean the images that were stored before their metadata was removed."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import FileField, Model

from core.compat import hash_filelike
from core.files.image_containers import holds_pixels_only, looks_like_image
from core.images import CleanedFile, clean_file
from core.models import ContentVersion, Image, Rendition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.core.management.base import CommandParser
    from django.db.models.fields.files import FieldFile

HEAD_BYTES = 64


class Command(BaseCommand):
    """Rewrite each stored image that holds more than pixels and a colour profile.

    Running it twice is harmless: a file that is clean is only read.
    """

    help = "Removes metadata (place, device, comments) from the images that are stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count, and change nothing.")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        self.counts: Counter[str] = Counter()
        self.unreadable: list[str] = []
        self.has_changed = False
        # Renditions last: those of an image that is cleaned are made again with it.
        for model, field in sorted(_file_fields(), key=lambda pair: pair[0] is Rendition):
            for pk in list(model._default_manager.values_list("pk", flat=True)):
                self._clean(model, field, pk, is_dry=dry_run)
        if self.has_changed:
            ContentVersion.bump()
        self.stdout.write(
            f"{self.counts['clean']} clean, {self.counts['cleaned']} "
            f"{'to clean' if dry_run else 'cleaned'}, {self.counts['missing']} missing, "
            f"{len(self.unreadable)} unreadable"
        )
        if self.unreadable:
            raise CommandError(
                "Neither cleaned nor served in another size; replace or delete them:\n"
                + "\n".join(self.unreadable)
            )

    def _clean(self, model: type[Model], field: FileField, pk: Any, *, is_dry: bool) -> None:
        instance = model._default_manager.filter(pk=pk).first()
        file: FieldFile | None = getattr(instance, field.name, None)
        if instance is None or not file:
            return
        try:
            with file.storage.open(str(file.name)) as stored:
                if not looks_like_image(stored.read(HEAD_BYTES)):
                    is_image = isinstance(instance, Image | Rendition)
                    self.unreadable += [f"{model._meta.label} {pk}"] if is_image else []
                    return
                stored.seek(0)
                held = stored.read()
                if holds_pixels_only(held):
                    self.counts["clean"] += 1
                    if isinstance(instance, Image) and not is_dry:
                        self.has_changed |= _describe_again(instance, held)
                    return
                content = clean_file(stored, PurePath(str(file.name)).name)
        except OSError:
            self.counts["missing"] += 1
            return
        except ValidationError:
            self.unreadable.append(f"{model._meta.label} {pk}")
            return
        self.counts["cleaned"] += 1
        if is_dry:
            return
        self.has_changed = True
        if isinstance(instance, Rendition):
            instance.draw_again()
        else:
            _replace(instance, field, content)
            if isinstance(instance, Image):
                for rendition in instance.renditions.all():
                    rendition.draw_again()


def _file_fields() -> Iterator[tuple[type[Model], FileField]]:
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, FileField):
                yield model, field


def _replace(instance: Any, field: FileField, content: CleanedFile) -> None:
    """Store the clean file and refer to it, then delete the other one."""
    file: FieldFile = getattr(instance, field.name)
    storage, old = file.storage, str(file.name)
    before = {one.attname: getattr(instance, one.attname) for one in instance._meta.concrete_fields}
    file.save(str(content.name), content, save=False)
    if hasattr(instance, "describe_file"):
        instance.describe_file(content)
    changed = {
        name: getattr(instance, name)
        for name, value in before.items()
        if name == field.attname or getattr(instance, name) != value
    }
    with transaction.atomic():
        # No signal: a page that shows the image has not changed.
        type(instance)._default_manager.filter(pk=instance.pk).update(**changed)
        transaction.on_commit(lambda: storage.delete(old))


def _describe_again(image: Image, content: bytes) -> bool:
    """Correct the size and hash of a file that was cleaned after it was described."""
    found = {
        "width": image.file.width,
        "height": image.file.height,
        "file_size": len(content),
        "file_hash": hash_filelike(BytesIO(content)),
    }
    if all(getattr(image, name) == value for name, value in found.items()):
        return False
    Image.objects.filter(pk=image.pk).update(**found)
    return True
