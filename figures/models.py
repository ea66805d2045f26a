"""What is counted of the readers: totals of days, and nothing of anybody.

No row has an address, a browser, a time of day or a number that two visits could share.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class DailyTotal(models.Model):
    """How often something was read, downloaded or searched on one day."""

    class Counted(models.TextChoices):
        PAGE = "page", _("Pages lues")
        STRUCTURE = "structure", _("Fiches de l'annuaire lues")
        DOCUMENT = "document", _("Documents téléchargés")
        SEARCH = "search", _("Recherches")
        EMPTY_SEARCH = "empty_search", _("Recherches sans résultat")

    day = models.DateField(_("jour"))
    counted = models.CharField(_("ce qui est compté"), max_length=12, choices=Counted)
    thing_id = models.BigIntegerField(
        default=0, help_text="Key of the page, structure or document; 0 for searches."
    )
    total = models.PositiveIntegerField(_("total"), default=0)

    class Meta:
        verbose_name = _("total d'un jour")
        verbose_name_plural = _("fréquentation")
        default_permissions = ("view",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["counted", "day", "thing_id"], name="daily_total_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["counted", "thing_id", "day"], name="daily_total_of_a_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.counted} {self.thing_id}"


class SearchedWords(models.Model):
    """Words that were searched on three different days, so that they give nobody away."""

    words = models.CharField(_("mots cherchés"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("mots cherchés")
        verbose_name_plural = _("mots cherchés")
        default_permissions = ()

    def __str__(self) -> str:
        return self.words


class SearchedDay(models.Model):
    """How often words were searched on one day."""

    words = models.ForeignKey(SearchedWords, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(_("jour"))
    total = models.PositiveIntegerField(_("recherches"), default=0)
    without_result = models.PositiveIntegerField(_("sans résultat"), default=0)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["words", "day"], name="searched_day_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["day"], name="searched_day_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.words_id}"


class UnconfirmedWords(models.Model):
    """A keyed digest of words that were searched on one day, or on two.

    Whether they are searched again can be known; what they are can't be read from it.
    """

    digest = models.CharField(max_length=64, unique=True)
    first_day = models.DateField()
    second_day = models.DateField(null=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["first_day"], name="unconfirmed_by_day"),
        ]

    def __str__(self) -> str:
        return self.digest[:8]


class ErasedTotal(models.Model):
    """How many rows about people there were on a day, of those erased at their term since.

    A registration goes a year after its session, a refused contribution after six months: the
    report of a year is written later.
    """

    class Counted(models.TextChoices):
        REGISTERED = "registered", _("Inscriptions confirmées")
        ATTENDED = "attended", _("Présences")
        RECEIVED = "received", _("Contributions reçues")
        PUBLISHED = "published", _("Contributions publiées ou acceptées")
        REFUSED = "refused", _("Contributions refusées")
        WITHDRAWN = "withdrawn", _("Contributions retirées")

    day = models.DateField(_("jour"))
    counted = models.CharField(_("ce qui est compté"), max_length=10, choices=Counted)
    total = models.PositiveIntegerField(_("total"), default=0)

    class Meta:
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "counted"], name="erased_total_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.counted}"
