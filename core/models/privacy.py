from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PersonalDataAct(models.Model):
    """An export or an erasure of what is held of a person: the proof of it, without the data."""

    class Act(models.TextChoices):
        EXPORT = "export", _("export")
        ERASE = "erase", _("effacement")

    class Reason(models.TextChoices):
        ASKED = "asked", _("La personne l'a demandé")
        RELATIVE = "relative", _("Une personne qui la représente l'a demandé")
        AUTHORITY = "authority", _("Une autorité l'a demandé (CNIL, justice)")
        MISTAKE = "mistake", _("Ces données sont là par erreur")

    act = models.CharField(_("acte"), max_length=6, choices=Act)
    digest = models.CharField(_("empreinte de l'adresse"), max_length=64, db_index=True)
    reason = models.CharField(_("raison"), max_length=9, choices=Reason)
    counts = models.JSONField(_("lignes, par modèle"), default=dict)
    at = models.DateTimeField(_("le"), default=timezone.now)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("par"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )

    class Meta:
        verbose_name = _("acte sur des données personnelles")
        verbose_name_plural = _("actes sur des données personnelles")
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        default_permissions = ()
        permissions: ClassVar[list[tuple[str, Any]]] = [
            ("handle_personal_data", _("Exporter ou effacer les données d'une personne")),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} ({self.at:%d/%m/%Y})"

    @property
    def total(self) -> int:
        """Return how many rows it was about."""
        return sum(self.counts.values())
