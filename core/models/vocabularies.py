"""The controlled vocabularies: short lists of terms that editors share and may add to."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, Panel, TitleFieldPanel
from wagtail.models import TranslatableMixin
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

FRENCH_TERMS = {"locale__language_code": settings.LANGUAGE_CODE}
"""Filters the terms that editors choose: a page in any language shows them in its own."""


class LabelPanel(TitleFieldPanel):
    """A label from which the slug is made as long as its term is new."""

    class BoundPanel(TitleFieldPanel.BoundPanel):
        def get_should_apply(self) -> bool:
            """Return whether the slug follows the label: others rely on that of a term."""
            return not self.instance.pk


class VocabularyTerm(index.Indexed, TranslatableMixin, models.Model):
    """A term of a controlled vocabulary: a stable slug for machines, a label for people."""

    label = models.CharField(
        _("libellé"),
        max_length=120,
        help_text=_("Court : il se lit dans les filtres et sur les cartes."),
    )
    slug = models.SlugField(
        _("identifiant"),
        max_length=80,
        help_text=_("Sert dans les adresses et l'API. Ne le changez plus une fois publié."),
    )
    sort_order = models.PositiveSmallIntegerField(
        _("ordre"), default=0, help_text=_("Les plus petits d'abord, puis par libellé.")
    )

    panels: ClassVar[list[Panel]] = [
        LabelPanel("label", placeholder=False),
        FieldPanel("slug"),
        FieldPanel("sort_order"),
    ]
    # What filters take is the same in every language.
    override_translatable_fields: ClassVar[list[SynchronizedField]] = [
        SynchronizedField(name, overridable=False) for name in ("slug", "sort_order")
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        index.SearchField("label", boost=2),
        index.AutocompleteField("label"),
        index.FilterField("locale_id"),
        index.FilterField("translation_key"),
    ]

    class Meta(TranslatableMixin.Meta):
        abstract = True
        ordering = ("sort_order", "label")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["locale", "slug"], name="%(class)s_slug_per_locale"),
        ]

    def __str__(self) -> str:
        return self.label


class ResourceType(VocabularyTerm):
    """What a resource is: a guide, a report, a poster."""

    class Meta(VocabularyTerm.Meta):
        verbose_name = _("type de ressource")
        verbose_name_plural = _("types de ressource")


class Theme(VocabularyTerm):
    """What a content is about."""

    class Meta(VocabularyTerm.Meta):
        verbose_name = _("thème")
        verbose_name_plural = _("thèmes")


class Audience(VocabularyTerm):
    """The audience of a content."""

    class Meta(VocabularyTerm.Meta):
        verbose_name = _("public")
        verbose_name_plural = _("publics")


class StructureType(VocabularyTerm):
    """What kind of structure a structure is."""

    class Meta(VocabularyTerm.Meta):
        verbose_name = _("type de structure")
        verbose_name_plural = _("types de structure")


class Service(VocabularyTerm):
    """What a structure offers."""

    class Meta(VocabularyTerm.Meta):
        verbose_name = _("service")
        verbose_name_plural = _("services")


class Territory(models.Model):
    """A region or a department of France, by its INSEE code.

    Data, not free text (Code officiel géographique). Regions and departments
    share numbers (11 is both Île-de-France and Aude), so a region's public
    code takes an ``R``: ``R11``.
    """

    class Kind(models.TextChoices):
        REGION = "region", _("Région")
        DEPARTMENT = "department", _("Département")

    class Zone(models.TextChoices):
        METROPOLITAN = "metro", _("Métropole")
        OVERSEAS = "drom", _("Outre-mer")

    kind = models.CharField(
        _("nature"), max_length=10, choices=Kind, help_text=_("Une région, ou un département.")
    )
    code = models.CharField(
        _("code"),
        max_length=4,
        unique=True,
        validators=[RegexValidator(r"^(R\d{2}|\d{2}|2[AB]|97\d)$")],
        help_text=_("Celui de l'INSEE ; d'une région, précédé de R : R11."),
    )
    name = models.CharField(_("nom"), max_length=60, help_text=_("Le nom officiel."))
    zone = models.CharField(
        _("zone"), max_length=5, choices=Zone, help_text=_("Métropole, ou outre-mer.")
    )
    region = models.ForeignKey(
        "self",
        verbose_name=_("région"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="departments",
        limit_choices_to={"kind": Kind.REGION},
        help_text=_("Celle du département."),
    )

    class Meta:
        verbose_name = _("territoire")
        verbose_name_plural = _("territoires")
        ordering = ("-kind", "name")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                name="territory_only_departments_have_a_region",
                condition=models.Q(kind="region", region=None)
                | models.Q(kind="department", region__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.REGION:
            return self.name + " (" + _("région") + ")"
        return f"{self.name} ({self.code})"
