from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class RequestCount(models.Model):
    """How often something was tried, in a while, from one address of the network.

    In the database and not in the cache: the limit holds over all processes, whether there is a
    cache or not.
    """

    key = models.CharField(_("clé"), max_length=120, primary_key=True)
    number = models.PositiveIntegerField(_("nombre"))
    expires_at = models.DateTimeField(_("compte jusqu’au"), db_index=True)

    class Meta:
        verbose_name = _("compte de requêtes")
        verbose_name_plural = _("comptes de requêtes")

    def __str__(self) -> str:
        return self.key
