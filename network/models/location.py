"""Where a structure is, and who may know it."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField

from core.models import Territory
from network import gazetteer
from network.places import Visibility


class StructureLocation(models.Model):
    """The place of a structure and its visibility.

    Never show ``street``, ``postcode``, ``municipality``, ``latitude`` or
    ``longitude`` as they are: :class:`network.places.Disclosure` decides for each reader.
    """

    class Coverage(models.TextChoices):
        DEPARTMENT = "department", _("Son département")
        TERRITORIES = "territories", _("D'autres départements ou régions")
        NATIONAL = "national", _("Toute la France")

    is_confidential = models.BooleanField(
        _("adresse confidentielle"),
        default=True,
        db_default=True,
        help_text=_(
            "Coché : personne en dehors de l'équipe ne voit autre chose que le département, "
            "ni sur le site, ni sur la carte, ni dans l'API ou les exports."
        ),
    )
    place_visibility = models.PositiveSmallIntegerField(
        _("qui voit l'adresse"),
        choices=Visibility,
        default=Visibility.PUBLIC,
        help_text=_("Ne compte que si l'adresse n'est pas confidentielle."),
    )
    street = models.CharField(
        _("rue"),
        max_length=200,
        blank=True,
        help_text=_("Numéro et rue. D'un lieu confidentiel, rien n'en est montré."),
    )
    postcode = models.CharField(
        _("code postal"),
        max_length=5,
        blank=True,
        validators=[RegexValidator(r"^\d{5}$", _("Un code postal a cinq chiffres."))],
        help_text=_("Cinq chiffres."),
    )
    municipality = models.CharField(
        _("commune"),
        max_length=100,
        blank=True,
        help_text=_("D'un lieu confidentiel, rien n'en est montré."),
    )
    municipality_code = models.CharField(
        _("code INSEE de la commune"),
        max_length=5,
        blank=True,
        validators=[RegexValidator(r"^(\d{2}|2[AB])\d{3}$", _("Un code INSEE a cinq caractères."))],
        help_text=_("Cinq caractères : 59350, 2A004."),
    )
    department = models.ForeignKey(
        Territory,
        verbose_name=_("département"),
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"kind": Territory.Kind.DEPARTMENT},
        help_text=_(
            "Montré même d'un lieu confidentiel : c'est par lui qu'on trouve la structure."
        ),
    )
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("En degrés décimaux ; les deux coordonnées, ou aucune."),
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text=_("En degrés décimaux ; les deux coordonnées, ou aucune."),
    )
    coverage = models.CharField(
        _("où elle intervient"),
        max_length=11,
        choices=Coverage,
        default=Coverage.DEPARTMENT,
        help_text=_("Jusqu'où elle se déplace ou reçoit."),
    )
    coverage_territories = ParentalManyToManyField(
        Territory,
        verbose_name=_("départements ou régions"),
        blank=True,
        related_name="+",
        help_text=_("Ceux où elle intervient en plus de son département."),
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Check that the place is consistent and that no text has a confidential address.

        Raises:
            ValidationError: beside each field that is wrong.
        """
        super().clean()
        errors: dict[str, Any] = {}
        if (self.latitude is None) != (self.longitude is None):
            missing = "latitude" if self.latitude is None else "longitude"
            errors[missing] = _("Donnez les deux coordonnées, ou aucune.")
        if self.department_id and self.postcode:
            known = {place.department for place in gazetteer.geocode(self.postcode)}
            if known and self.department.code not in known:
                errors["postcode"] = _("Ce code postal n'est pas du département choisi.")
        if self.is_confidential:
            errors |= self._address_in_texts()
        if errors:
            raise ValidationError(errors)

    def _address_in_texts(self) -> dict[str, Any]:
        """Return the errors of texts that contain a confidential address."""
        department = gazetteer.plain(self.department.name) if self.department_id else ""
        secrets = {gazetteer.plain(s) for s in (self.street, self.postcode, self.municipality)}
        secrets -= {"", department}
        message = _("Ce texte cite l'adresse, qui est confidentielle.")
        return {
            field: message
            for field in ("name", "acronym", "description")
            if any(
                re.search(rf"\b{re.escape(secret)}\b", gazetteer.plain(getattr(self, field)))
                for secret in secrets
            )
        }
