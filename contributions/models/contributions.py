from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contributions.kinds import Kind
from core.models import StructureType

if TYPE_CHECKING:
    from wagtail.models import DraftStateMixin


class State(models.TextChoices):
    """Where a contribution is; :mod:`contributions.lifecycle` says what may follow what."""

    DRAFT = "draft", _("Brouillon du partenaire")
    RECEIVED = "received", _("Reçue")
    IN_REVIEW = "in_review", _("En relecture")
    CHANGES_REQUESTED = "changes_requested", _("Modifications demandées")
    SCHEDULED = "scheduled", _("Validée, publication programmée")
    PUBLISHED = "published", _("Publiée")
    ACCEPTED = "accepted", _("Acceptée")
    REJECTED = "rejected", _("Refusée")
    WITHDRAWN = "withdrawn", _("Retirée par le partenaire")


CLOSED = (State.PUBLISHED, State.ACCEPTED, State.REJECTED, State.WITHDRAWN)


class Contribution(models.Model):
    """What a partner said, kept apart from the site: nothing of it is public by itself."""

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

    kind = models.CharField(_("nature"), max_length=10, choices=Kind)
    state = models.CharField(
        _("état"), max_length=17, choices=State, default=State.RECEIVED, db_index=True
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
    received_at = models.DateTimeField(_("reçue le"), default=timezone.now, db_index=True)
    waiting_since = models.DateTimeField(_("en attente depuis"), default=timezone.now)
    reminded_at = models.DateTimeField(_("relance envoyée le"), null=True, blank=True)
    updated_at = models.DateTimeField(_("modifiée le"), auto_now=True)
    closed_at = models.DateTimeField(_("close le"), null=True, blank=True)
    is_anonymised = models.BooleanField(_("anonymisée"), default=False)

    class Meta:
        verbose_name = _("contribution")
        verbose_name_plural = _("contributions")
        ordering: ClassVar[list[str]] = ["-received_at", "-pk"]
        default_permissions = ("view", "change")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["draft_type", "draft_id"], name="contribution_by_draft"),
        ]

    def __str__(self) -> str:
        # Goes into the history, which outlives what the partner said: no title, no name.
        return f"{Kind(self.kind).short_label} nº {self.pk}"

    @property
    def reference(self) -> str:
        """Return what the team and the partner call it in their letters."""
        return f"PARE-{self.pk:05d}"

    @property
    def name(self) -> str:
        """Return its title, or what stands for one."""
        return self.title or (
            f"{self.get_kind_display()} ({self.structure_name})"
            if self.structure_name
            else str(self.get_kind_display())
        )

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSED

    def live_draft(self) -> DraftStateMixin | None:
        """Return what was made of it, as it is now; ``None`` if it is gone."""
        model = self.draft_type.model_class() if self.draft_type_id and self.draft_type else None
        if model is None or not self.draft_id:
            return None
        found: DraftStateMixin | None = model._default_manager.filter(pk=self.draft_id).first()
        return found


class Version(models.Model):
    """What a contribution said before its partner amended it."""

    contribution = models.ForeignKey(
        Contribution, on_delete=models.CASCADE, related_name="versions"
    )
    said = models.JSONField(_("contenu"))
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
        # Not on Contribution: whoever has a right on it reads the history of all.
        permissions: ClassVar[list[tuple[str, Any]]] = [
            ("contribute", _("Proposer des contributions depuis un compte partenaire")),
        ]

    def __str__(self) -> str:
        return f"{self.get_author_display()} ({self.created_at:%d/%m/%Y})"
