from __future__ import annotations

from typing import ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _


class ExternalContent(models.Model):
    """The mark of a page or snippet that holds something from outside.

    It needs the whole review while ``is_pending``, which falls when reviewed
    words become public and rises again when something else comes from outside.
    """

    content_type = models.ForeignKey(
        ContentType,
        on_delete=models.CASCADE,
        related_name="+",
        help_text=_("Le type de base, sous lequel les versions sont rangées."),
    )
    object_id = models.CharField(max_length=40)
    translation_key = models.UUIDField(null=True, blank=True, db_index=True)
    is_pending = models.BooleanField(default=True)
    is_suspended = models.BooleanField(
        default=False,
        help_text=_("Retiré ou repris par son auteur : ce qui est approuvé ne l'est plus."),
    )

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("contenu venu de l'extérieur")
        verbose_name_plural = _("contenus venus de l'extérieur")
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["content_type", "object_id"], name="external_content_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.content_type} {self.object_id}"
