"""Fields that several page types share, each with its panels, filters and search fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.forms import CheckboxSelectMultiple
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, Panel
from wagtail.models import Orderable
from wagtail.search import index

from core.lengths import SUMMARY_LENGTH, counted
from core.models.media import Document
from core.models.vocabularies import FRENCH_TERMS, Territory

if TYPE_CHECKING:
    from django.forms import Widget


def checkboxes() -> type[Widget]:
    """Return the widget with which to tick terms."""
    return CheckboxSelectMultiple


class WithSummary(models.Model):
    """A few plain sentences, shown in lists, in search results and by search engines."""

    summary = models.TextField(
        _("résumé"),
        max_length=500,
        blank=True,
        help_text=_("Deux ou trois phrases simples, sans mise en forme. 500 caractères au plus."),
    )

    summary_panels: ClassVar[list[Panel]] = [FieldPanel("summary", attrs=counted(SUMMARY_LENGTH))]
    summary_search_fields: ClassVar[list[index.BaseField]] = [
        index.SearchField("summary", boost=2),
    ]

    class Meta:
        abstract = True


class WithThemes(models.Model):
    """The themes of the page, from the controlled vocabulary."""

    themes = ParentalManyToManyField(
        "core.Theme",
        verbose_name=_("thèmes"),
        blank=True,
        related_name="+",
        limit_choices_to=FRENCH_TERMS,
    )

    theme_panels: ClassVar[list[Panel]] = [
        FieldPanel(
            "themes",
            widget=checkboxes(),
            help_text=_("De quoi il s'agit : trois au plus. Les filtres des listes s'en servent."),
        )
    ]
    theme_search_fields: ClassVar[list[index.BaseField]] = [
        index.RelatedFields("themes", [index.SearchField("label")]),
    ]

    class Meta:
        abstract = True


class WithAudiences(models.Model):
    """The audiences of the page, from the controlled vocabulary."""

    audiences = ParentalManyToManyField(
        "core.Audience",
        verbose_name=_("publics"),
        blank=True,
        related_name="+",
        limit_choices_to=FRENCH_TERMS,
    )

    audience_panels: ClassVar[list[Panel]] = [
        FieldPanel(
            "audiences",
            widget=checkboxes(),
            help_text=_("À qui ce contenu s'adresse, et non de qui il parle."),
        )
    ]
    audience_search_fields: ClassVar[list[index.BaseField]] = [
        index.RelatedFields("audiences", [index.SearchField("label")]),
    ]

    class Meta:
        abstract = True


class WithTerritory(models.Model):
    """Where the page applies: the whole country, a region, or a department."""

    class Scope(models.TextChoices):
        NATIONAL = "national", _("Toute la France")
        TERRITORY = "territory", _("Une région ou un département")

    territory_scope = models.CharField(
        _("portée"), max_length=9, choices=Scope, default=Scope.NATIONAL
    )
    territory = models.ForeignKey(
        Territory,
        verbose_name=_("territoire"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Seulement pour un contenu qui concerne une région ou un département."),
    )

    territory_panels: ClassVar[list[Panel]] = [
        MultiFieldPanel(
            [
                FieldPanel(
                    "territory_scope",
                    help_text=_("Où ce contenu est vrai : partout, ou dans un seul territoire."),
                ),
                FieldPanel("territory"),
            ],
            heading=_("Territoire"),
        )
    ]
    territory_search_fields: ClassVar[list[index.BaseField]] = [
        index.RelatedFields("territory", [index.SearchField("name")]),
    ]

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Check that the scope and the territory agree.

        Raises:
            ValidationError: a territory is missing, or given for a national content.
        """
        super().clean()
        errors: dict[str, Any] = {}
        if self.territory_scope == self.Scope.TERRITORY and self.territory_id is None:
            errors["territory"] = _("Choisissez la région ou le département concerné.")
        if self.territory_scope == self.Scope.NATIONAL and self.territory_id is not None:
            errors["territory"] = _(
                "Un contenu national n'a pas de territoire : videz ce champ ou changez la portée."
            )
        if errors:
            raise ValidationError(errors)


class AttachedDocument(Orderable):
    """A file that goes with a page, under a title of its own or that of the document."""

    document = models.ForeignKey(
        Document, verbose_name=_("document"), on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField(
        _("intitulé"), max_length=150, blank=True, help_text=_("Vide : le titre du document.")
    )

    panels: ClassVar[list[Panel]] = [FieldPanel("document"), FieldPanel("title")]

    class Meta(Orderable.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.title or self.document.title
