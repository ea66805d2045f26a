"""Who gets the newsletter, and the proof that they asked for it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.email_addresses import normalize_email
from core.models import FRENCH_TERMS, StructureType, Territory, Theme

if TYPE_CHECKING:
    from datetime import datetime


def languages() -> list[tuple[str, str]]:
    """Return the languages of the site, so that adding one changes no migration."""
    return list(settings.LANGUAGES)


def digest_of(email: str) -> str:
    """Return the keyed digest of an address, which stays once it is erased."""
    return salted_hmac("newsletter.address", normalize_email(email), algorithm="sha256").hexdigest()


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def receiving(self, now: datetime | None = None) -> SubscriberQuerySet:
        """Return the subscribers who receive issues now: active, or back from a pause."""
        states = Subscriber.State
        over = Q(state=states.PAUSED, paused_until__lte=now or timezone.now())
        return self.filter(Q(state=states.ACTIVE) | over)


class Subscriber(models.Model):
    """One address, with what its owner chose to add.

    Only the address is needed. An erased row has nothing of a person any more:
    it keeps the dates that prove that it was asked for, and its deliveries' counts.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("à confirmer par e-mail")
        ACTIVE = "active", _("abonné·e")
        PAUSED = "paused", _("en pause")
        UNSUBSCRIBED = "unsubscribed", _("désabonné·e")
        BOUNCED = "bounced", _("adresse en échec")
        ERASED = "erased", _("effacé·e")

    class Role(models.TextChoices):
        PROFESSIONAL = "professional", _("Professionnel·le")
        VOLUNTEER = "volunteer", _("Bénévole")
        ELECTED = "elected", _("Élu·e ou institution")
        STUDENT = "student", _("Étudiant·e")
        RELATIVE = "relative", _("Parent ou proche")
        OTHER = "other", _("Autre")

    uuid = models.UUIDField(_("identifiant"), default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(_("adresse e-mail"), max_length=254, blank=True)
    role = models.CharField(_("vous êtes"), max_length=12, choices=Role, blank=True)
    first_name = models.CharField(_("prénom"), max_length=60, blank=True)
    last_name = models.CharField(_("nom"), max_length=60, blank=True)
    structure_name = models.CharField(_("travaille pour"), max_length=150, blank=True)
    structure_type = models.ForeignKey(
        StructureType,
        verbose_name=_("type de structure"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to=FRENCH_TERMS,
        related_name="+",
    )
    department = models.ForeignKey(
        Territory,
        verbose_name=_("département"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        limit_choices_to={"kind": Territory.Kind.DEPARTMENT},
        related_name="+",
    )
    themes = models.ManyToManyField(
        Theme,
        verbose_name=_("centres d'intérêt"),
        blank=True,
        related_name="+",
        limit_choices_to=FRENCH_TERMS,
    )
    language = models.CharField(
        _("langue"), max_length=12, default=settings.LANGUAGE_CODE, choices=languages
    )
    state = models.CharField(
        _("état"), max_length=12, choices=State, default=State.PENDING, db_index=True
    )
    paused_until = models.DateTimeField(_("en pause jusqu'au"), null=True, blank=True)

    created_at = models.DateTimeField(_("ajouté·e le"), default=timezone.now, editable=False)
    confirmed_at = models.DateTimeField(_("confirmé·e le"), null=True, editable=False)
    left_at = models.DateTimeField(_("parti·e le"), null=True, editable=False)
    left_reason = models.CharField(_("motif du départ"), max_length=200, blank=True, editable=False)
    soft_bounces = models.PositiveSmallIntegerField(
        _("échecs provisoires"), default=0, editable=False
    )

    # Deleted with it.
    letters = GenericRelation("outbox.OutgoingEmail", "thing_id", "thing_type")

    objects = SubscriberQuerySet.as_manager()

    wagtail_reference_index_ignore = True

    class Meta:
        verbose_name = _("abonné·e")
        verbose_name_plural = _("abonné·es")
        ordering = ("-created_at", "-pk")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["email"], condition=~Q(email=""), name="subscriber_once_per_address"
            ),
        ]

    def __str__(self) -> str:
        return self.email or str(_("abonné·e effacé·e"))

    def save(self, *args: object, **kwargs: object) -> None:
        """Save with the address in lower case."""
        self.email = normalize_email(self.email)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def name(self) -> str:
        """Return the first and last names, as far as they are known."""
        return f"{self.first_name} {self.last_name}".strip()


class Consent(models.Model):
    """When, how and to which text somebody agreed (GDPR, article 7(1))."""

    class Way(models.TextChoices):
        FORM = "form", _("formulaire du site, confirmé par e-mail")
        API = "api", _("application tierce, confirmé par e-mail")
        IMPORT = "import", _("import d'une liste")
        ADMIN = "admin", _("ajout par l'équipe")

    subscriber = models.ForeignKey(
        Subscriber,
        verbose_name=_("abonné·e"),
        on_delete=models.CASCADE,
        related_name="consents",
    )
    way = models.CharField(_("moyen"), max_length=8, choices=Way)
    text_version = models.CharField(_("texte"), max_length=20, blank=True)
    source = models.CharField(
        _("source"),
        max_length=250,
        blank=True,
        help_text=_("D'où vient l'accord, quand il n'a pas été donné sur ce site."),
    )
    given_at = models.DateTimeField(_("donné le"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmé le"), null=True)

    class Meta:
        verbose_name = _("consentement")
        verbose_name_plural = _("consentements")
        ordering = ("-given_at", "-pk")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.get_way_display()} ({self.given_at:%Y-%m-%d})"


class Suppression(models.Model):
    """An address that must not come back by an import: its digest, and no more."""

    digest = models.CharField(_("empreinte"), max_length=64, unique=True)
    added_at = models.DateTimeField(_("ajoutée le"), default=timezone.now)

    class Meta:
        verbose_name = _("adresse écartée")
        verbose_name_plural = _("adresses écartées")
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest[:12]


class Segment(models.Model):
    """A part of the subscribers: any of the values of one criterion, all criteria together."""

    name = models.CharField(_("nom"), max_length=100, unique=True)
    structure_types = models.ManyToManyField(
        StructureType,
        verbose_name=_("types de structure"),
        blank=True,
        related_name="+",
        limit_choices_to=FRENCH_TERMS,
    )
    departments = models.ManyToManyField(
        Territory,
        verbose_name=_("départements"),
        blank=True,
        related_name="+",
        limit_choices_to={"kind": Territory.Kind.DEPARTMENT},
    )
    themes = models.ManyToManyField(
        Theme,
        verbose_name=_("centres d'intérêt"),
        blank=True,
        related_name="+",
        limit_choices_to=FRENCH_TERMS,
        help_text=_("Qui n'en a choisi aucun s'intéresse à tous."),
    )
    language = models.CharField(_("langue"), max_length=12, choices=languages, blank=True)

    class Meta:
        verbose_name = _("groupe d'abonné·es")
        verbose_name_plural = _("groupes d'abonné·es")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def subscribers(self) -> SubscriberQuerySet:
        """Return the subscribers of the segment who receive issues now."""
        rows = Subscriber.objects.receiving()
        if types := list(self.structure_types.values_list("pk", flat=True)):
            rows = rows.filter(structure_type__in=types)
        if departments := list(self.departments.values_list("pk", flat=True)):
            rows = rows.filter(department__in=departments)
        if themes := list(self.themes.values_list("pk", flat=True)):
            interested = Subscriber.themes.through.objects.filter(theme__in=themes)
            choosy = Subscriber.themes.through.objects.all()
            rows = rows.filter(
                Q(pk__in=interested.values("subscriber")) | ~Q(pk__in=choosy.values("subscriber"))
            )
        return rows.filter(language=self.language) if self.language else rows


class ExportLog(models.Model):
    """An export of addresses, which are personal data: its author, date and size."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("par"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    exported_at = models.DateTimeField(_("le"), default=timezone.now)
    count = models.PositiveIntegerField(_("adresses"))
    file_format = models.CharField(_("format"), max_length=4)
    filters = models.CharField(_("filtres"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("export d'abonné·es")
        verbose_name_plural = _("exports d'abonné·es")
        ordering = ("-exported_at", "-pk")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.exported_at:%Y-%m-%d %H:%M} ({self.count})"
