from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult


class Lease(models.Model):
    """A task in hand, and until when its worker is believed to be alive."""

    task = models.OneToOneField(
        DBTaskResult,
        models.CASCADE,
        primary_key=True,
        related_name="lease",
        verbose_name=_("tâche"),
    )
    worker = models.CharField(_("processus"), max_length=64, db_index=True)
    until = models.DateTimeField(_("jusqu’au"), db_index=True)

    class Meta:
        verbose_name = _("bail")
        verbose_name_plural = _("baux")

    def __str__(self) -> str:
        return f"{self.worker}: {self.task_id}"


class Beat(models.Model):
    """A worker or a scheduler, and when it was last alive."""

    name = models.CharField(_("nom"), max_length=64, primary_key=True)
    kind = models.CharField(_("nature"), max_length=30)
    started_at = models.DateTimeField(_("depuis le"))
    seen_at = models.DateTimeField(_("vu le"), db_index=True)

    class Meta:
        verbose_name = _("processus")
        verbose_name_plural = _("processus")

    def __str__(self) -> str:
        return self.name


class Job(models.Model):
    """What runs by the clock: when it last did, how that went, and when it will again."""

    name = models.CharField(_("nom"), max_length=60, primary_key=True)
    next_at = models.DateTimeField(_("prochaine fois"))
    started_at = models.DateTimeField(_("commencé le"), null=True)
    finished_at = models.DateTimeField(_("fini le"), null=True)
    succeeded_at = models.DateTimeField(_("réussi le"), null=True)
    failures = models.PositiveIntegerField(_("échecs de suite"), default=0)
    error = models.TextField(_("erreur"), blank=True)
    runner = models.CharField(_("processus"), max_length=64, blank=True)
    lease_until = models.DateTimeField(_("bail jusqu’au"), null=True)

    class Meta:
        verbose_name = _("travail périodique")
        verbose_name_plural = _("travaux périodiques")

    def __str__(self) -> str:
        return self.name


class Lock(models.Model):
    """A row to lock: what is done under its name is done by one process at a time."""

    name = models.CharField(_("nom"), max_length=60, primary_key=True)

    class Meta:
        verbose_name = _("verrou")
        verbose_name_plural = _("verrous")

    def __str__(self) -> str:
        return self.name
