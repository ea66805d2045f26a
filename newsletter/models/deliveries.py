"""One sending of an issue, and one row for each person that it goes to."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from newsletter.models.subscribers import Subscriber


class Mailing(models.Model):
    """One sending of an issue, with its rendering at that moment."""

    class State(models.TextChoices):
        SCHEDULED = "scheduled", _("programmé")
        SENDING = "sending", _("en cours d'envoi")
        SENT = "sent", _("envoyé")
        CANCELLED = "cancelled", _("annulé")

    page = models.ForeignKey(
        "newsletter.NewsletterIssuePage",
        verbose_name=_("numéro"),
        on_delete=models.PROTECT,
        related_name="mailings",
    )
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.SCHEDULED)
    scheduled_for = models.DateTimeField(_("programmé pour"), default=timezone.now)
    created_at = models.DateTimeField(_("demandé le"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("demandé par"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    started_at = models.DateTimeField(_("commencé le"), null=True)
    finished_at = models.DateTimeField(_("fini le"), null=True)
    rate_per_minute = models.PositiveIntegerField(
        _("messages par minute"), default=0, help_text=_("0 : sans limite.")
    )
    # The moment of the next message that the rate allows, over all workers.
    next_slot = models.DateTimeField(null=True, editable=False)
    subject = models.CharField(_("objet"), max_length=200, blank=True)
    html = models.TextField(blank=True, editable=False)
    text = models.TextField(blank=True, editable=False)
    # Why a scheduled one could not start, for the team to read.
    problem = models.TextField(_("empêchement"), blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("envoi")
        verbose_name_plural = _("envois")
        ordering = ("-created_at", "-pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            # Nobody gets an issue twice because two people pressed the button.
            models.UniqueConstraint(
                fields=["page"],
                condition=Q(state__in=("scheduled", "sending")),
                name="mailing_one_at_a_time",
            ),
        ]
        default_permissions = ("view", "add")

    def __str__(self) -> str:
        return f"{self.page} ({self.get_state_display()})"

    def counts(self) -> dict[str, int]:
        """Return the number of deliveries in each state, zero included."""
        found = dict(
            self.deliveries.order_by()
            .values_list("state")
            .annotate(Count("pk"))
            .values_list("state", "pk__count")
        )
        return {state: found.get(state, 0) for state in Delivery.State.values}


class Delivery(models.Model):
    """One issue to one person, in the state that is known for certain."""

    class State(models.TextChoices):
        PENDING = "pending", _("à envoyer")
        CLAIMED = "claimed", _("pris par un processus")
        IN_FLIGHT = "in_flight", _("en cours")
        SENT = "sent", _("envoyé")
        FAILED = "failed", _("échec")
        UNCERTAIN = "uncertain", _("incertain")
        SKIPPED = "skipped", _("non envoyé, désabonné·e entre-temps")
        BOUNCED = "bounced", _("revenu")
        COMPLAINED = "complained", _("signalé comme indésirable")

    OPEN = (State.PENDING, State.CLAIMED, State.IN_FLIGHT)

    mailing = models.ForeignKey(
        Mailing, verbose_name=_("envoi"), on_delete=models.CASCADE, related_name="deliveries"
    )
    subscriber = models.ForeignKey(
        Subscriber,
        verbose_name=_("abonné·e"),
        on_delete=models.CASCADE,
        related_name="deliveries",
    )
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(_("état"), max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(_("essais"), default=0)
    next_attempt_at = models.DateTimeField(_("prochain essai"), default=timezone.now)
    # Which worker has it, and until when that is believed.
    claimed_by = models.CharField(max_length=80, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("envoyé le"), null=True)
    error = models.CharField(_("motif"), max_length=300, blank=True)

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("pk",)
        default_permissions = ("view",)
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["mailing", "subscriber"], name="delivery_once_per_subscriber"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["mailing", "state", "next_attempt_at"], name="delivery_queue"),
            models.Index(
                fields=["lease_until"],
                name="delivery_leases",
                condition=Q(state__in=("claimed", "in_flight")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} ({self.get_state_display()})"
