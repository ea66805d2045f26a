"""Who comes: personal data, kept no longer than it serves (:mod:`events.tasks` removes it)."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import StructureType, Territory
from events.models.sessions import Session


class Registration(models.Model):
    """One person at one session.

    A seat is given when the person confirms by the link of the e-mail, in the
    order of confirmations: a request alone holds none, so that nobody can fill
    a session with other people's addresses.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("à confirmer par e-mail")
        CONFIRMED = "confirmed", _("confirmée")
        WAITING = "waiting", _("en liste d'attente")
        CANCELLED = "cancelled", _("annulée")

    class Way(models.TextChoices):
        FORM = "form", _("formulaire du site, confirmé par e-mail")
        API = "api", _("application tierce, confirmé par e-mail")
        TEAM = "team", _("l'équipe, avec son accord")

    ACTIVE = (State.PENDING, State.CONFIRMED, State.WAITING)

    uuid = models.UUIDField(_("identifiant"), default=uuid.uuid4, unique=True, editable=False)
    session = models.ForeignKey(
        Session,
        verbose_name=_("session"),
        # Deleting a page must never take people's registrations away unseen.
        on_delete=models.PROTECT,
        related_name="registrations",
    )
    state = models.CharField(
        _("état"), max_length=9, choices=State, default=State.PENDING, db_index=True
    )
    email = models.EmailField(_("adresse e-mail"), max_length=254)
    name = models.CharField(_("prénom et nom"), max_length=120)
    structure = models.CharField(_("structure"), max_length=150, blank=True)
    structure_type = models.ForeignKey(
        StructureType,
        verbose_name=_("type de structure"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    department = models.ForeignKey(
        Territory,
        verbose_name=_("département"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    accessibility_needs = models.TextField(
        _("besoins d'accessibilité"),
        max_length=500,
        blank=True,
        help_text=_("Effacés peu après la session."),
    )
    language = models.CharField(
        _("langue"),
        max_length=12,
        default=settings.LANGUAGE_CODE,
        help_text=_("Celle du formulaire : nous lui écrivons dans cette langue."),
    )
    consent_way = models.CharField(
        _("consentement donné par"),
        max_length=4,
        choices=Way,
        blank=True,
        default="",
        db_default="",
        editable=False,
    )
    consent_version = models.CharField(_("texte du consentement"), max_length=20)
    consented_at = models.DateTimeField(_("consentement donné le"))
    has_attended = models.BooleanField(_("présence"), default=False)

    created_at = models.DateTimeField(_("demandée le"), default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(_("confirmée le"), null=True, editable=False)
    cancelled_at = models.DateTimeField(_("annulée le"), null=True, editable=False)
    # For the order of the waiting list, and how often an address is written to.
    queued_at = models.DateTimeField(_("en attente depuis"), null=True, editable=False)
    written_at = models.DateTimeField(_("dernier e-mail de demande"), null=True, editable=False)

    # Deleted with it.
    letters = GenericRelation("outbox.OutgoingEmail", "thing_id", "thing_type")

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("inscription")
        verbose_name_plural = _("inscriptions")
        ordering = ("name", "pk")
        default_permissions = ("view", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["session", "email"],
                condition=Q(state__in=("pending", "confirmed", "waiting")),
                name="registration_once_per_address",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["session", "state", "queued_at"], name="registration_queue"),
        ]

    def __str__(self) -> str:
        return self.name


class SentEmail(models.Model):
    """An e-mail that a registration gets once: its row is made with the letter.

    Two runs of the task at the same time can't make the same row.
    """

    class Kind(models.TextChoices):
        WEEK_BEFORE = "week_before", _("rappel une semaine avant")
        DAY_BEFORE = "day_before", _("rappel la veille")
        FOLLOW_UP = "follow_up", _("suites")

    registration = models.ForeignKey(
        Registration,
        verbose_name=_("inscription"),
        on_delete=models.CASCADE,
        related_name="sent_emails",
    )
    kind = models.CharField(_("nature"), max_length=12, choices=Kind)
    taken_at = models.DateTimeField(_("écrit le"), default=timezone.now)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("e-mail envoyé")
        verbose_name_plural = _("e-mails envoyés")
        default_permissions = ()
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["registration", "kind"], name="sent_email_once"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
