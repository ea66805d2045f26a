from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AccessReview(models.Model):
    """That somebody looked at an account and found that it keeps its access.

    The making of an account is its first: it was decided on that day.
    """

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("compte"),
        on_delete=models.CASCADE,
        related_name="access_reviews",
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("par"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    at = models.DateTimeField(_("le"), default=timezone.now)

    class Meta:
        verbose_name = _("revue d'un accès")
        verbose_name_plural = _("revues des accès")
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.account} ({self.at:%d/%m/%Y})"
