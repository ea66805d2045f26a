from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, ClassVar

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _

from contributions.models.contributions import Contribution
from core.models import Document, Image

if TYPE_CHECKING:
    from django.core.files.base import File


class FileState(models.TextChoices):
    """Where a file is: only a clean one leaves the quarantine."""

    RECEIVED = "received", _("Reçu, pas encore analysé")
    SCANNING = "scanning", _("Analyse en cours")
    CLEAN = "clean", _("Contrôlé")
    REFUSED = "refused", _("Refusé par l'antivirus")
    QUARANTINED = "quarantined", _("En quarantaine : l'antivirus ne répond pas")


QUARANTINE_FOLDER = "contributions"


def quarantine() -> Storage:
    """Return where the files are: no web server publishes it."""
    return storages["private"]


def quarantine_path(file: ContributionFile, name: str) -> str:
    """Return a name of our own: nothing of what the sender called the file."""
    return f"{QUARANTINE_FOLDER}/{uuid.uuid4().hex}"


class ContributionFile(models.Model):
    """A file that came with a contribution, or waits for its form to be sent."""

    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, null=True, blank=True, related_name="files"
    )
    session = models.UUIDField(_("envoi"), db_index=True, editable=False)
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    file = models.FileField(
        _("fichier"), storage=quarantine, upload_to=quarantine_path, max_length=100
    )
    name = models.CharField(_("nom"), max_length=120)
    media_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveBigIntegerField(_("taille"))
    sha256 = models.CharField(_("empreinte"), max_length=64)
    state = models.CharField(
        _("état"), max_length=11, choices=FileState, default=FileState.RECEIVED, db_index=True
    )
    verdict = models.CharField(_("réponse de l'antivirus"), max_length=200, blank=True)
    received_at = models.DateTimeField(_("reçu le"), auto_now_add=True, db_index=True)
    scanned_at = models.DateTimeField(_("analysé le"), null=True, blank=True)
    document = models.OneToOneField(
        Document, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    image = models.OneToOneField(
        Image, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("fichier reçu")
        verbose_name_plural = _("fichiers reçus")
        ordering: ClassVar[list[str]] = ["pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    def describe_file(self, content: File[bytes]) -> None:
        """Record what is known of an image that is written anew under this name."""
        content.seek(0)
        self.size, self.sha256 = content.size, hashlib.sha256(content.read()).hexdigest()
        content.seek(0)

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")
