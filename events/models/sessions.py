"""What one registers for: a moment, a place, a number of seats."""

from __future__ import annotations

import hashlib
import uuid
from enum import StrEnum
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models import Territory


class Mode(models.TextChoices):
    ONSITE = "onsite", _("Sur place")
    ONLINE = "online", _("En ligne")


class RegistrationMode(StrEnum):
    """How one registers for a session: as its page has it, or at the French one it translates."""

    HERE = "here"
    EXTERNAL = "external"
    NONE = "none"
    ORIGINAL = "original"


class Availability(StrEnum):
    """Whether one can register, and how."""

    OPEN = "open"
    WAITING = "waiting"
    FULL = "full"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    PAST = "past"
    EXTERNAL = "external"
    NONE = "none"


class Slot(models.Model):
    """A moment with seats."""

    starts_at = models.DateTimeField(_("début"), help_text=_("À l'heure de Paris."))
    ends_at = models.DateTimeField(_("fin"), help_text=_("À l'heure de Paris."))
    join_url = models.URLField(
        _("lien de connexion"),
        max_length=500,
        blank=True,
        help_text=_(
            "Donné aux seules personnes inscrites, par e-mail. Ne l'écrivez nulle part ailleurs."
        ),
    )
    capacity = models.PositiveIntegerField(
        _("places"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Vide : sans limite."),
    )
    has_waiting_list = models.BooleanField(
        _("liste d'attente"),
        default=True,
        help_text=_(
            "Une fois complet, on peut attendre qu'une place se libère : "
            "elle est alors donnée toute seule."
        ),
    )
    is_open = models.BooleanField(
        _("inscriptions ouvertes"),
        default=True,
        help_text=_("Décochez pour arrêter les inscriptions sans annuler."),
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Refuse an end that comes before the start.

        Raises:
            ValidationError: beside the end.
        """
        super().clean()
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": _("La fin doit venir après le début.")})


class Venue(Slot):
    """A moment with seats somewhere."""

    mode = models.CharField(
        _("lieu"),
        max_length=6,
        choices=Mode,
        default=Mode.ONSITE,
        help_text=_("Sur place, ou en ligne."),
    )
    place = models.CharField(
        _("ville ou salle"), max_length=150, blank=True, help_text=_("Telle qu'affichée.")
    )
    address = models.CharField(
        _("adresse"), max_length=250, blank=True, help_text=_("Montrée à tout le monde.")
    )
    department = models.ForeignKey(
        Territory,
        verbose_name=_("département"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"kind": Territory.Kind.DEPARTMENT},
        help_text=_("Pour les filtres et la carte."),
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Require a place on site.

        Raises:
            ValidationError: a place is missing.
        """
        super().clean()
        if self.mode == Mode.ONSITE and not self.place:
            raise ValidationError({"place": _("Dites où cela se passe.")})


class SessionQuerySet(models.QuerySet["Session"]):
    """Querysets of sessions."""

    def with_seats_taken(self) -> Self:
        """Annotate the sessions with the number of seats taken."""
        return self.annotate(
            seats_taken=Count("registrations", filter=Q(registrations__state="confirmed"))
        )


class Session(Venue):
    """A training's date or a webinar: what one registers for.

    Made when its page is admitted and at no other time, and told apart by the
    ``key`` that the page's own date carries. So it outlives every edition of
    the page, and so do its registrations. Cancelling is not an edition: it is
    done in « Inscriptions », and publishing the page doesn't undo it.
    """

    SYNCED_FIELDS: ClassVar[tuple[str, ...]] = (
        "starts_at",
        "ends_at",
        "join_url",
        "capacity",
        "has_waiting_list",
        "is_open",
        "mode",
        "place",
        "address",
        "department_id",
    )
    """What is copied from the date that the page plans."""

    uuid = models.UUIDField(_("identifiant"), default=uuid.uuid4, unique=True, editable=False)
    page = models.ForeignKey(
        "events.EventPage",
        verbose_name=_("événement"),
        on_delete=models.CASCADE,
        related_name="sessions",
    )
    key = models.UUIDField(_("clé"), editable=False)
    cancelled_at = models.DateTimeField(_("annulée le"), null=True, editable=False)

    # As the page was admitted. Those who registered read it even once the page is withdrawn.
    title = models.CharField(_("titre"), max_length=255, editable=False)
    summary = models.TextField(_("résumé"), blank=True, editable=False)
    registration_mode = models.CharField(_("inscription"), max_length=8, editable=False)
    external_registration_url = models.URLField(
        _("adresse d'inscription"), max_length=500, blank=True, editable=False
    )

    # For calendars (RFC 5545, 3.8.7.4): they follow a change only if the number rises.
    sequence = models.PositiveIntegerField(_("révision"), default=0, editable=False)
    fingerprint = models.CharField(_("empreinte"), max_length=64, editable=False)
    changed_at = models.DateTimeField(_("modifiée le"), default=timezone.now, editable=False)

    objects = SessionQuerySet.as_manager()

    # The API says it, and its availability.
    affects_public_content = True
    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering = ("starts_at", "pk")
        default_permissions = ("view", "change")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["page", "key"], name="session_once_per_page"),
            models.CheckConstraint(
                name="session_ends_after_it_starts", condition=Q(ends_at__gt=F("starts_at"))
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ends_at", "starts_at"], name="session_by_time"),
        ]

    def __str__(self) -> str:
        start = timezone.localtime(self.starts_at)
        return f"{self.title} ({start:%d/%m/%Y %H:%M})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, counting a change for calendars."""
        fingerprint = self.get_fingerprint()
        if fingerprint != self.fingerprint:
            if self.fingerprint:
                self.sequence += 1
            self.fingerprint = fingerprint
            self.changed_at = timezone.now()
        super().save(*args, **kwargs)

    def get_fingerprint(self) -> str:
        """Return a digest of all that a calendar shows of this session."""
        data = (
            self.title,
            self.summary,
            self.starts_at.timestamp(),
            self.ends_at.timestamp(),
            self.mode,
            self.place,
            self.address,
            self.department_id,
            bool(self.cancelled_at),
        )
        return hashlib.sha256(repr(data).encode()).hexdigest()

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def is_past(self) -> bool:
        return self.ends_at <= timezone.now()

    @property
    def has_attendance(self) -> bool:
        """Whether its day has come, in Paris: nobody has attended before."""
        return timezone.localdate(self.starts_at) <= timezone.localdate()

    @property
    def is_shut(self) -> bool:
        # Nobody can walk in late where there is a door; online, one can.
        has_begun = self.starts_at <= timezone.now() and self.mode == Mode.ONSITE
        return has_begun or not self.is_open

    def count_seats_taken(self) -> int:
        """Return how many are confirmed; no query after ``with_seats_taken()``."""
        counted: int | None = getattr(self, "seats_taken", None)
        if counted is not None:
            return counted
        if self.pk is None:
            return 0
        return self.registrations.filter(state="confirmed").count()

    def availability(self) -> Availability:
        """Return whether one can register now."""
        elsewhere = (RegistrationMode.EXTERNAL, RegistrationMode.ORIGINAL)
        ruled = (
            (self.is_cancelled, Availability.CANCELLED),
            (self.is_past, Availability.PAST),
            (self.registration_mode == RegistrationMode.NONE, Availability.NONE),
            (self.is_shut, Availability.CLOSED),
            (self.registration_mode in elsewhere, Availability.EXTERNAL),
            (self.capacity is None, Availability.OPEN),
        )
        for applies, availability in ruled:
            if applies:
                return availability
        if self.count_seats_taken() < (self.capacity or 0):
            return Availability.OPEN
        return Availability.WAITING if self.has_waiting_list else Availability.FULL
