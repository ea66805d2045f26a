from __future__ import annotations

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, Panel
from wagtail.models import RevisionMixin, TranslatableMixin
from wagtail_localize.fields import SynchronizedField

from core.models import Image


class EmergencyNumber(RevisionMixin, TranslatableMixin, models.Model):
    """A number to call or to write to, in reach on every page."""

    class Channel(models.TextChoices):
        CALL = "call", _("Appel")
        SMS = "sms", _("SMS")

    affects_public_content: ClassVar[bool] = True

    number = models.CharField(
        _("numéro"),
        max_length=20,
        validators=[RegexValidator(r"^\+?[\d ]+$", _("Des chiffres et des espaces seulement."))],
        help_text=_("Tel qu'on le compose ; des espaces l'aident à être lu : 116 000."),
    )
    label = models.CharField(
        _("intitulé"), max_length=80, help_text=_("Qui répond : « Enfance en danger ».")
    )
    note = models.CharField(
        _("précision"),
        max_length=120,
        blank=True,
        help_text=_("Horaires, gratuité, anonymat : « gratuit, 24 h/24 »."),
    )
    channel = models.CharField(
        _("moyen"),
        max_length=4,
        choices=Channel,
        default=Channel.CALL,
        help_text=_("Comment on le joint."),
    )
    is_prominent = models.BooleanField(
        _("mis en avant"), default=False, help_text=_("Toujours visible en haut de page.")
    )
    verified_on = models.DateField(
        _("vérifié le"), null=True, blank=True, help_text=_("Les horaires changent : vérifiez-les.")
    )
    sort_order = models.PositiveSmallIntegerField(
        _("ordre"), default=0, help_text=_("Les plus petits d'abord.")
    )

    override_translatable_fields: ClassVar[list[SynchronizedField]] = [
        SynchronizedField(name, overridable=False)
        for name in ("number", "channel", "is_prominent", "verified_on", "sort_order")
    ]
    panels: ClassVar[list[Panel]] = [
        FieldRowPanel([FieldPanel("number"), FieldPanel("channel")]),
        FieldPanel("label"),
        FieldPanel("note"),
        FieldPanel("is_prominent"),
        FieldPanel("verified_on"),
        FieldPanel("sort_order"),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("numéro d'urgence")
        verbose_name_plural = _("numéros d'urgence")
        ordering = ("sort_order", "pk")

    def __str__(self) -> str:
        return f"{self.number} {self.label}"


class Funder(RevisionMixin, TranslatableMixin, models.Model):
    """Who pays for the project."""

    affects_public_content: ClassVar[bool] = True

    name = models.CharField(_("nom"), max_length=150, help_text=_("Tel que le financeur l'écrit."))
    url = models.URLField(_("site"), blank=True, help_text=_("Où mène son logo."))
    logo = models.ForeignKey(
        Image,
        verbose_name=_("logo"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Sur fond clair ; son nom est écrit à côté."),
    )
    sort_order = models.PositiveSmallIntegerField(
        _("ordre"), default=0, help_text=_("Les plus petits d'abord.")
    )

    override_translatable_fields: ClassVar[list[SynchronizedField]] = [
        SynchronizedField(name, overridable=False) for name in ("url", "logo", "sort_order")
    ]
    panels: ClassVar[list[Panel]] = [
        FieldPanel("name"),
        FieldPanel("url"),
        FieldPanel("logo"),
        FieldPanel("sort_order"),
    ]

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("financeur")
        verbose_name_plural = _("financeurs")
        ordering = ("sort_order", "name")

    def __str__(self) -> str:
        return self.name
