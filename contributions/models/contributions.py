from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contributions.kinds import ContributionKind
from core.email_addresses import normalize_email
from core.models import StructureType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wagtail.models import DraftStateMixin

    # Generic in the stubs alone.
    CharField = models.CharField[str, str]
else:
    CharField = models.CharField


class ContributionState(models.TextChoices):
    """The state of a contribution."""  # Which may follow which: contributions/lifecycle.py.

    DRAFT = "draft", _("Brouillon du partenaire")
    RECEIVED = "received", _("Reçue")
    IN_REVIEW = "in_review", _("En relecture")
    CHANGES_REQUESTED = "changes_requested", _("Modifications demandées")
    SCHEDULED = "scheduled", _("Validée, publication programmée")
    PUBLISHED = "published", _("Publiée")
    ACCEPTED = "accepted", _("Acceptée")
    REJECTED = "rejected", _("Refusée")
    WITHDRAWN = "withdrawn", _("Retirée par le partenaire")


CLOSED = (
    ContributionState.PUBLISHED,
    ContributionState.ACCEPTED,
    ContributionState.REJECTED,
    ContributionState.WITHDRAWN,
)


class StateChangeRefused(Exception):
    """Code other than :mod:`contributions.lifecycle` changes the state of a contribution."""

    def __init__(self) -> None:
        super().__init__("Only contributions.lifecycle.transition() changes a state.")


class StateAttribute(DeferredAttribute):
    """Set once, when a row is made or read; refuses another value afterwards."""

    field: models.Field[Any, Any]

    def __set__(self, instance: models.Model, value: str) -> None:
        if vars(instance).get(self.field.attname, value) != value:
            raise StateChangeRefused
        vars(instance)[self.field.attname] = value


class StateField(CharField):
    """A state that :func:`contributions.lifecycle.transition` alone changes."""

    descriptor_class = StateAttribute

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        """Return what a plain column is made of: migrations need no more."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs


class ContributionQuerySet(models.QuerySet["Contribution"]):
    """Contributions, whose state no query changes."""

    def update(self, **kwargs: Any) -> int:
        """Update rows.

        Raises:
            StateChangeRefused: the state is among what is to be updated.
        """
        if "state" in kwargs:
            raise StateChangeRefused
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]


class Contribution(models.Model):
    """What a partner sent: nothing of it is public by itself."""

    class Origin(models.TextChoices):
        FORM = "form", _("Formulaire")
        API = "api", _("API")
        ACCOUNT = "account", _("Compte partenaire")

    class Role(models.TextChoices):
        PROFESSIONAL = "professional", _("Professionnel·le auprès de mineur·es")
        INSTITUTION = "institution", _("Agent·e d'une administration, élu·e")
        VOLUNTEER = "volunteer", _("Bénévole")
        RESEARCHER = "researcher", _("Chercheur·se, formateur·rice")
        OTHER = "other", _("Autre")

    kind = models.CharField(_("nature"), max_length=10, choices=ContributionKind)
    state = StateField(
        _("état"),
        max_length=17,
        choices=ContributionState,
        default=ContributionState.RECEIVED,
        db_index=True,
    )
    origin = models.CharField(_("voie"), max_length=7, choices=Origin, default=Origin.FORM)
    # What the sender filled in before sending; sending it twice makes one contribution.
    session = models.UUIDField(_("envoi"), unique=True, default=uuid.uuid4, editable=False)

    person_name = models.CharField(_("nom"), max_length=120, blank=True)
    email = models.EmailField(_("adresse électronique"), blank=True)
    role = models.CharField(_("vous êtes"), max_length=12, choices=Role, blank=True)
    structure_name = models.CharField(_("vous travaillez pour"), max_length=150, blank=True)
    structure_type = models.ForeignKey(
        StructureType,
        verbose_name=_("type de structure"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    language = models.CharField(
        _("langue"),
        max_length=12,
        default=settings.LANGUAGE_CODE,
        help_text=_("Celle du formulaire : nous lui écrivons dans cette langue."),
    )
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("compte"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="contributions",
    )

    title = models.CharField(_("titre"), max_length=200, blank=True)
    text = models.TextField(_("texte"), blank=True)
    link = models.URLField(_("lien"), max_length=500, blank=True)
    answers = models.JSONField(
        _("réponses"), default=dict, blank=True, help_text=_("Ce que seule cette nature demande.")
    )

    consent_version = models.CharField(_("version du consentement"), max_length=20, blank=True)
    consented_at = models.DateTimeField(_("consentement donné le"), null=True, blank=True)

    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("suivie par"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="assigned_contributions",
    )
    draft_type = models.ForeignKey(ContentType, on_delete=models.SET_NULL, null=True, blank=True)
    draft_id = models.CharField(max_length=40, blank=True)
    draft = GenericForeignKey("draft_type", "draft_id", for_concrete_model=False)

    token_version = models.PositiveIntegerField(
        default=1, help_text=_("Changer ce nombre éteint les liens de suivi déjà envoyés.")
    )
    # Since when somebody acted by a link that its address alone got.
    address_known_at = models.DateTimeField(null=True, editable=False)
    received_at = models.DateTimeField(_("reçue le"), default=timezone.now, db_index=True)
    waiting_since = models.DateTimeField(_("en attente depuis"), default=timezone.now)
    reminded_at = models.DateTimeField(_("relance envoyée le"), null=True, blank=True)
    updated_at = models.DateTimeField(_("modifiée le"), auto_now=True)
    closed_at = models.DateTimeField(_("close le"), null=True, blank=True)
    is_anonymised = models.BooleanField(_("anonymisée"), default=False)

    # Deleted with it.
    letters = GenericRelation("outbox.OutgoingEmail", "thing_id", "thing_type")

    objects = ContributionQuerySet.as_manager()

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering: ClassVar[list[str]] = ["-received_at", "-pk"]
        default_permissions = ("view", "change")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["draft_type", "draft_id"], name="contribution_by_draft"),
        ]

    def __str__(self) -> str:
        # Goes into the history, which outlives what the partner wrote: no title, no name.
        return f"{ContributionKind(self.kind).short_label} nº {self.pk}"

    @property
    def has_known_address(self) -> bool:
        """Whether its letters go to who sent it: by an account of that address, or by its link.

        Who has an account reads the link of what they sent, whatever address they gave.
        """
        if self.account is not None:
            return normalize_email(self.account.email) == self.email
        return self.address_known_at is not None

    @property
    def reference(self) -> str:
        """Return the reference that the team and the partner quote."""
        return f"PARE-{self.pk:05d}"

    @property
    def name(self) -> str:
        """Return the title, or the kind and the structure without one."""
        return self.title or (
            f"{self.get_kind_display()} ({self.structure_name})"
            if self.structure_name
            else str(self.get_kind_display())
        )

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSED

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Contribution] | None = None,
    ) -> None:
        """Read the row again, with its state."""
        fields = None if fields is None else list(fields)
        if fields is None or "state" in fields:
            vars(self).pop("state", None)
        super().refresh_from_db(using, fields, from_queryset)

    def live_draft(self) -> DraftStateMixin | None:
        """Return the draft that was made of it, or ``None`` if it is gone."""
        model = self.draft_type.model_class() if self.draft_type_id and self.draft_type else None
        if model is None or not self.draft_id:
            return None
        found: DraftStateMixin | None = model._default_manager.filter(pk=self.draft_id).first()
        return found


class Version(models.Model):
    """The content of a contribution before its partner amended it."""

    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="versions"
    )
    content = models.JSONField(_("contenu"), db_column="said")
    replaced_at = models.DateTimeField(_("remplacée le"), auto_now_add=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering: ClassVar[list[str]] = ["-replaced_at", "-pk"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.contribution} ({self.replaced_at:%d/%m/%Y})"


class Message(models.Model):
    """One entry of the thread between a partner and the team."""

    class Author(models.TextChoices):
        PARTNER = "partner", _("Partenaire")
        TEAM = "team", _("Équipe")
        NOTE = "note", _("Note interne")

    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="messages"
    )
    author = models.CharField(_("auteur"), max_length=7, choices=Author)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("membre de l'équipe"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    text = models.TextField(_("texte"), max_length=4000)
    created_at = models.DateTimeField(_("écrit le"), auto_now_add=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar[list[str]] = ["created_at", "pk"]
        default_permissions = ()
        # Not on Contribution: a right on it lets one read the history of all.
        permissions: ClassVar[list[tuple[str, Any]]] = [
            ("contribute", _("Proposer des contributions depuis un compte partenaire")),
        ]

    def __str__(self) -> str:
        return f"{self.get_author_display()} ({self.created_at:%d/%m/%Y})"

    @property
    def is_from_team(self) -> bool:
        """Return whether the team wrote it for the partner."""
        return self.author == Message.Author.TEAM
