"""Exports of structures by the team."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class StructureExport(models.Model):
    """An export: its author, date and size, and why it has addresses that are confidential."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("par"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    exported_at = models.DateTimeField(_("le"), default=timezone.now)
    count = models.PositiveIntegerField(_("structures"))
    confidential_count = models.PositiveIntegerField(_("dont confidentielles"), default=0)
    file_format = models.CharField(_("format"), max_length=14)
    filters = models.CharField(_("filtres"), max_length=500, blank=True)
    reason = models.CharField(_("motif"), max_length=300, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("export de structures")
        verbose_name_plural = _("exports de structures")
        ordering: ClassVar[list[str]] = ["-exported_at", "-pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.exported_at:%Y-%m-%d %H:%M} ({self.count})"
