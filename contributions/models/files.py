from __future__ import annotations

import hashlib
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.files.storage import Storage, storages
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contributions.models.contributions import Contribution
from core.models import Document, Image

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.core.files.base import File


file_decided = Signal()
"""Sent by :class:`ContributionFile` once an ``instance`` was inspected, or refused."""


class FileState(models.TextChoices):
    """Where a file is: only a clean one leaves the quarantine."""

    CHECKING = "checking", _("En vérification")
    RECEIVED = "received", _("Reçu, pas encore analysé")
    SCANNING = "scanning", _("Analyse en cours")
    CLEAN = "clean", _("Contrôlé")
    REFUSED = "refused", _("Refusé")
    QUARANTINED = "quarantined", _("En quarantaine : l'antivirus ne répond pas")


DECIDED = {FileState.CLEAN, FileState.REFUSED}
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
    # An image is written anew: sent twice, it is known by what was received.
    received_sha256 = models.CharField(
        _("empreinte à l'arrivée"), max_length=64, blank=True, editable=False
    )
    state = models.CharField(
        _("état"), max_length=11, choices=FileState, default=FileState.CHECKING, db_index=True
    )
    refusal = models.CharField(
        _("raison du refus"),
        max_length=20,
        blank=True,
        help_text=_("De celles de contributions.files.REASONS."),
    )
    announced_at = models.DateTimeField(_("refus annoncé le"), null=True, blank=True)
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

    def decide(self, since: Collection[FileState], **changes: Any) -> bool:
        """Record what became of it, and announce that.

        Args:
            since: the states of which it is one.
            changes: the new values of its columns.

        Returns:
            Whether this did it: it may be gone, or another was faster.
        """
        row = ContributionFile.objects.filter(pk=self.pk)
        with transaction.atomic():
            # First, as who amends it does: no two wait for one another.
            owner = row.values_list("contribution", flat=True).first()
            if owner is not None:
                Contribution.objects.select_for_update().filter(pk=owner).first()
            if not row.filter(state__in=since).update(**changes):
                return False
            self.refresh_from_db()
            file_decided.send(ContributionFile, instance=self)
        return True

    def refuse(self, code: str, verdict: str = "") -> bool:
        """Refuse it, and delete its content.

        Args:
            code: the reason, of those in :data:`contributions.files.REASONS`.
            verdict: what the antivirus answered.

        Returns:
            Whether this did it: it may be gone, or another was faster.
        """
        scanned = {"verdict": verdict, "scanned_at": timezone.now()} if verdict else {}
        waiting = set(FileState) - DECIDED
        if not self.decide(waiting, state=FileState.REFUSED, refusal=code, **scanned):
            return False
        # Its name is enough to inform; its content is kept no longer.
        self.file.storage.delete(str(self.file.name))
        return True

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")
