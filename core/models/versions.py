from __future__ import annotations

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _


class ContentVersion(models.Model):
    """One row: the number of times that what the public may see has changed.

    It is bumped in the transaction of every publication, so a response cached
    under a version can never outlive its content: no purge list to get wrong.
    """

    SINGLETON = 1

    number = models.PositiveBigIntegerField(_("numéro"), default=1)

    class Meta:
        verbose_name = _("version du contenu")
        verbose_name_plural = _("versions du contenu")

    def __str__(self) -> str:
        return str(self.number)

    @classmethod
    def current(cls) -> int:
        """Return the version in force; one query."""
        return cls.objects.filter(pk=cls.SINGLETON).values_list("number", flat=True).first() or 0

    @classmethod
    def bump(cls) -> None:
        """Count one more change, in the caller's transaction."""
        if not cls.objects.filter(pk=cls.SINGLETON).update(number=F("number") + 1):
            cls.objects.get_or_create(pk=cls.SINGLETON)
