"""Files of structures to import."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.files.storage import storages
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.core.files.storage import Storage


def import_storage() -> Storage:
    """Return the private storage of imported files, which hold confidential addresses."""
    return storages["private"]


def import_path(upload: StructureImport, name: str) -> str:
    """Return a path that can't be guessed for an imported file."""
    return f"imports/{uuid.uuid4().hex}.{name.rpartition('.')[2].lower()[:4]}"


class StructureImport(models.Model):
    """A table to import, before and after it was applied."""

    class State(models.TextChoices):
        PENDING = "pending", _("À confirmer")
        APPLIED = "applied", _("Appliqué")

    file = models.FileField(_("fichier"), storage=import_storage, upload_to=import_path)
    name = models.CharField(_("nom du fichier"), max_length=200)
    state = models.CharField(_("état"), max_length=7, choices=State, default=State.PENDING)
    created_at = models.DateTimeField(_("reçu le"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("par"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    applied_at = models.DateTimeField(_("appliqué le"), null=True, blank=True)
    created_count = models.PositiveIntegerField(_("créées"), default=0)
    updated_count = models.PositiveIntegerField(_("modifiées"), default=0)

    class Meta:
        verbose_name = _("import de structures")
        verbose_name_plural = _("imports de structures")
        ordering: ClassVar[list[str]] = ["-created_at"]

    def __str__(self) -> str:
        return self.name
