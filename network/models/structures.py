"""The structures of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericRelation
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    RevisionMixin,
    TranslatableMixin,
    WorkflowMixin,
)
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from core.models import FRENCH_TERMS, Audience, Service, StructureType
from core.previews import WithPreviewModes
from core.registry import get_composer
from core.slugs import make_slug
from core.web.links import localized_path, request_origin
from network.models.location import StructureLocation
from network.models.panels import EDIT_HANDLER
from network.opening_hours import validate_opening_hours
from network.places import PLACE_FIELDS, AccessLevel, Disclosure, Visibility

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from pydantic import BaseModel


SYNCED_FROM_SOURCE = (
    *("is_confidential", "place_visibility", "contact_visibility"),
    *("department_id", *PLACE_FIELDS),
)
"""What a translation takes from its source, whatever a draft of it says."""


class Structure(
    StructureLocation,
    WithPreviewModes,
    PreviewableMixin,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    TranslatableMixin,
    index.Indexed,
    ClusterableModel,
):
    """A place or a team that helps minors, those around them, or professionals."""

    external_id = models.CharField(
        _("identifiant"),
        max_length=40,
        blank=True,
        validators=[RegexValidator(r"^[\w.:/-]+$", _("Lettres, chiffres et . : / - _ seulement."))],
        help_text=_(
            "Celui de votre tableau : il permet d'importer à nouveau la même structure. "
            "Vide, l'export lui en donne un, qui ne change plus."
        ),
    )
    name = models.CharField(
        _("nom"), max_length=150, help_text=_("Le nom complet, tel que la structure l'écrit.")
    )
    acronym = models.CharField(
        _("sigle"),
        max_length=30,
        blank=True,
        help_text=_("Tel qu'on le dit ; on la trouve aussi par lui."),
    )
    structure_type = models.ForeignKey(
        StructureType,
        verbose_name=_("type"),
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to=FRENCH_TERMS,
        help_text=_("Ce qu'elle est : un filtre de l'annuaire."),
    )
    services = ParentalManyToManyField(
        Service,
        verbose_name=_("services"),
        blank=True,
        related_name="+",
        limit_choices_to=FRENCH_TERMS,
        help_text=_("Ce qu'on y trouve : des filtres de l'annuaire."),
    )
    audiences = ParentalManyToManyField(
        Audience,
        verbose_name=_("publics"),
        help_text=_("Qui elle reçoit : un filtre de l'annuaire."),
        blank=True,
        related_name="+",
        limit_choices_to=FRENCH_TERMS,
    )
    description = models.TextField(
        _("présentation"),
        max_length=3000,
        blank=True,
        help_text=_("Texte simple, sans adresse. Ne décrivez aucune situation individuelle."),
    )

    phone = models.CharField(
        _("téléphone"),
        max_length=20,
        blank=True,
        validators=[RegexValidator(r"^\+?[\d .()-]{2,20}$", _("Ce n'est pas un numéro."))],
        help_text=_("Celui que le public peut appeler."),
    )
    email = models.EmailField(
        _("adresse électronique"),
        blank=True,
        help_text=_("Celle où la structure est aussi invitée, chaque année, à vérifier sa fiche."),
    )
    website = models.URLField(
        _("site internet"),
        max_length=500,
        blank=True,
        help_text=_("Celui de la structure, et si possible la page du lieu."),
    )
    contact_visibility = models.PositiveSmallIntegerField(
        _("qui voit les contacts"),
        choices=Visibility,
        default=Visibility.PUBLIC,
        help_text=_("À qui l'annuaire montre le téléphone, l'adresse électronique et le site."),
    )

    opening_hours = models.CharField(
        _("horaires"),
        max_length=255,
        blank=True,
        validators=[validate_opening_hours],
        help_text=_("Syntaxe d'OpenStreetMap : Mo-Fr 09:00-12:30,14:00-18:00; PH off"),
    )
    verified_on = models.DateField(
        _("vérifiée le"),
        null=True,
        blank=True,
        help_text=_("Un an après, la structure reçoit un message pour confirmer sa fiche."),
    )
    is_demo = models.BooleanField(
        _("contenu de démonstration"),
        default=False,
        help_text=_("Une fiche inventée, marquée comme telle sur le site."),
    )

    # Deleted with it.
    letters = GenericRelation("outbox.OutgoingEmail", "thing_id", "thing_type")

    affects_public_content: ClassVar[bool] = True
    # Whoever confirms an entry sets its date, and changes no word.
    fields_without_words: ClassVar[tuple[str, ...]] = ("verified_on",)

    # Never words to translate: an address may be a secret, and would leave with a file for a
    # translator or to a machine that translates.
    override_translatable_fields: ClassVar[list[SynchronizedField]] = [
        SynchronizedField(name, overridable=False)
        for name in (
            *("external_id", "acronym", "structure_type", "phone", "opening_hours"),
            *("street", "postcode", "municipality", "municipality_code"),
        )
    ]

    # What items are indexed by (:mod:`published.texts`): no place, which is public or not on
    # reading. The rows themselves are in no index, and the team searches the table.
    search_fields: ClassVar[list[index.BaseField]] = [
        index.SearchField("acronym"),
        index.SearchField("description"),
    ]
    search_auto_update: ClassVar[bool] = False
    edit_handler = EDIT_HANDLER
    template = "network/structure.html"

    class Meta(TranslatableMixin.Meta):
        verbose_name = _("structure")
        verbose_name_plural = _("structures")
        ordering: ClassVar[list[str]] = ["name", "pk"]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name", "id"], name="structure_by_name"),
            models.Index(fields=["verified_on"], name="structure_by_verification"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["locale", "external_id"],
                condition=~Q(external_id=""),
                name="structure_external_id_per_locale",
            ),
            models.CheckConstraint(
                name="structure_both_coordinates_or_none",
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def stable_id(self) -> str:
        """Return the number by which a table names it: that of its source, or one of ours."""
        return self.external_id or str(self.translation_key)

    @property
    def disclosure(self) -> Disclosure:
        """Who may know its place and its contacts, as this instance has it."""
        return Disclosure(self.is_confidential, self.place_visibility, self.contact_visibility)

    @property
    def slug(self) -> str:
        """Return the readable end of its address."""
        return make_slug(self.name, max_length=80, ascii_only=True) or "structure"

    @property
    def path(self) -> str:
        """Return its path on the site."""
        locale = self.locale.language_code
        return localized_path("network:structure", locale, self.pk or 0, self.slug)

    def get_absolute_url(self) -> str:
        return self.path

    def get_full_url(self) -> str:
        """Return the address that a preview simulates."""
        return f"{settings.WAGTAILADMIN_BASE_URL}{self.path}"

    @classmethod
    def get_indexed_objects(cls) -> QuerySet[Structure]:
        """Return none: items are indexed."""
        return cls.objects.none()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and copy the place and its visibility to every translation."""
        # Else a structure made confidential in French would stay public in English until somebody
        # translated it again.
        others = Structure.objects.filter(translation_key=self.translation_key).exclude(pk=self.pk)
        source = others.filter(locale__language_code=settings.LANGUAGE_CODE).first()
        if source is not None:
            for name in SYNCED_FROM_SOURCE:
                setattr(self, name, getattr(source, name))
        super().save(*args, **kwargs)
        if source is None:
            others.update(**{name: getattr(self, name) for name in SYNCED_FROM_SOURCE})

    def to_schema(self, origin: str, access_level: AccessLevel = AccessLevel.PUBLIC) -> BaseModel:
        """Return what a reader would get of this structure once admitted, in its language."""
        return get_composer().draft(self, origin, access_level)

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return self.template

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        """Return the context of an anonymous visitor, for every user who previews."""
        request.shown_object = self  # type: ignore[attr-defined]
        return {"page": self.to_schema(request_origin(request))}
