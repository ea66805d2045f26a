"""What remembers that a structure was asked to confirm its entry."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from network.models.structures import Structure


class Reminder(models.Model):
    """A message that asked a structure to confirm its entry, once for each verification."""

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="reminders")
    due_since = models.DateField(_("vérification d'origine"))
    sent_at = models.DateTimeField(_("envoyé le"), auto_now_add=True)

    class Meta:
        verbose_name = _("relance")
        verbose_name_plural = _("relances")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["structure", "due_since"], name="reminder_once_each_verification"
            )
        ]

    def __str__(self) -> str:
        return f"{self.structure} ({self.due_since})"
