"""The network: its structures, the page that lists them, and what keeps them up to date."""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import storages
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from modelcluster.fields import ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    MultiFieldPanel,
    ObjectList,
    Panel,
    PublishingPanel,
    TabbedInterface,
)
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

from core.models import FRENCH_TERMS, Audience, IndexPage, Service, StructureType, Territory
from core.models.mixins import checkboxes
from core.registry import schema_for
from core.web.links import localized_path, request_origin
from network import gazetteer
from network.opening_hours import validate_opening_hours
from network.places import PLACE_FIELDS, AccessLevel, Visibility, access_level_of, visible_place

if TYPE_CHECKING:
    from django.core.files.storage import Storage
    from django.http import HttpRequest, HttpResponse
    from pydantic import BaseModel


SYNCED_FROM_SOURCE = (
    *("is_confidential", "place_visibility", "contact_visibility"),
    *("department_id", *PLACE_FIELDS),
)
"""What a translation takes from its source, whatever a draft of it says."""


class Structure(
    PreviewableMixin,
    WorkflowMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    TranslatableMixin,
    index.Indexed,
    ClusterableModel,
):
    """A place or a team that helps minors, those around them, or professionals.

    Never show ``street``, ``postcode``, ``municipality``, ``latitude`` or
    ``longitude`` as they are: :mod:`network.places` decides for each reader.
    """

    class Coverage(models.TextChoices):
        DEPARTMENT = "department", _("Son département")
        TERRITORIES = "territories", _("D'autres départements ou régions")
        NATIONAL = "national", _("Toute la France")

    external_id = models.CharField(
        _("identifiant"),
        max_length=40,
        blank=True,
        validators=[RegexValidator(r"^[\w.:/-]+$", _("Lettres, chiffres et . : / - _ seulement."))],
        help_text=_("Celui de votre tableau : il permet d'importer à nouveau la même structure."),
    )
    name = models.CharField(_("nom"), max_length=150)
    acronym = models.CharField(_("sigle"), max_length=30, blank=True)
    structure_type = models.ForeignKey(
        StructureType,
        verbose_name=_("type"),
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to=FRENCH_TERMS,
    )
    services = ParentalManyToManyField(
        Service,
        verbose_name=_("services"),
        blank=True,
        related_name="+",
        limit_choices_to=FRENCH_TERMS,
    )
    audiences = ParentalManyToManyField(
        Audience,
        verbose_name=_("publics"),
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
    )
    email = models.EmailField(_("adresse électronique"), blank=True)
    website = models.URLField(_("site internet"), max_length=500, blank=True)
    contact_visibility = models.PositiveSmallIntegerField(
        _("qui voit les contacts"), choices=Visibility, default=Visibility.PUBLIC
    )

    is_confidential = models.BooleanField(
        _("adresse confidentielle"),
        default=True,
        db_default=True,
        help_text=_(
            "Coché : personne en dehors de l'équipe ne voit autre chose que le département, "
            "ni sur le site, ni sur la carte, ni dans l'API ou les exports."
        ),
    )
    place_visibility = models.PositiveSmallIntegerField(
        _("qui voit l'adresse"),
        choices=Visibility,
        default=Visibility.PUBLIC,
        help_text=_("Ne compte que si l'adresse n'est pas confidentielle."),
    )
    street = models.CharField(_("rue"), max_length=200, blank=True)
    postcode = models.CharField(
        _("code postal"),
        max_length=5,
        blank=True,
        validators=[RegexValidator(r"^\d{5}$", _("Un code postal a cinq chiffres."))],
    )
    municipality = models.CharField(_("commune"), max_length=100, blank=True)
    municipality_code = models.CharField(
        _("code INSEE de la commune"),
        max_length=5,
        blank=True,
        validators=[RegexValidator(r"^(\d{2}|2[AB])\d{3}$", _("Un code INSEE a cinq caractères."))],
    )
    department = models.ForeignKey(
        Territory,
        verbose_name=_("département"),
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to={"kind": Territory.Kind.DEPARTMENT},
    )
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=9,
        decimal_places=6,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    coverage = models.CharField(
        _("où elle intervient"), max_length=11, choices=Coverage, default=Coverage.DEPARTMENT
    )
    coverage_territories = ParentalManyToManyField(
        Territory,
        verbose_name=_("départements ou régions"),
        blank=True,
        related_name="+",
        help_text=_("Ceux où elle intervient en plus de son département."),
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
    is_demo = models.BooleanField(_("contenu de démonstration"), default=False)

    affects_public_content: ClassVar[bool] = True

    # Never words to translate: an address may be a secret, and would leave with a file for a
    # translator or to a machine that translates.
    override_translatable_fields: ClassVar[list[SynchronizedField]] = [
        SynchronizedField(name, overridable=False)
        for name in (
            *("external_id", "acronym", "structure_type", "phone", "opening_hours"),
            *("street", "postcode", "municipality", "municipality_code"),
        )
    ]

    panels: ClassVar[list[Panel]] = [
        MultiFieldPanel(
            [
                FieldPanel("name"),
                FieldRowPanel([FieldPanel("acronym"), FieldPanel("external_id")]),
                FieldPanel("structure_type"),
                FieldPanel("services", widget=checkboxes()),
                FieldPanel("audiences", widget=checkboxes()),
                FieldPanel("description"),
            ],
            heading=_("La structure"),
        ),
        MultiFieldPanel(
            [
                FieldRowPanel([FieldPanel("phone"), FieldPanel("email")]),
                FieldPanel("website"),
                FieldPanel("contact_visibility"),
                FieldPanel("opening_hours"),
            ],
            heading=_("Contacts"),
        ),
    ]
    place_panels: ClassVar[list[Panel]] = [
        FieldPanel("is_confidential"),
        FieldPanel("place_visibility"),
        FieldPanel("department"),
        MultiFieldPanel(
            [
                FieldPanel("street"),
                FieldRowPanel([FieldPanel("postcode"), FieldPanel("municipality")]),
                FieldPanel("municipality_code"),
                FieldRowPanel([FieldPanel("latitude"), FieldPanel("longitude")]),
            ],
            heading=_("Adresse"),
        ),
        MultiFieldPanel(
            [
                FieldPanel("coverage"),
                FieldPanel("coverage_territories"),
            ],
            heading=_("Où elle intervient"),
        ),
    ]
    upkeep_panels: ClassVar[list[Panel]] = [
        FieldPanel("verified_on"),
        FieldPanel("is_demo"),
        PublishingPanel(),
    ]
    edit_handler = TabbedInterface(
        [
            ObjectList(panels, heading=_("Présentation")),
            ObjectList(place_panels, heading=_("Lieu")),
            ObjectList(upkeep_panels, heading=_("Suivi")),
        ]
    )
    search_fields: ClassVar[list[index.BaseField]] = [
        # Two fields and not eight: indexing costs by the field, and imports index thousands.
        index.SearchField("search_name", boost=5),
        index.AutocompleteField("search_name"),
        index.SearchField("search_text"),
        index.FilterField("live"),
        index.FilterField("locale_id"),
    ]
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
    def slug(self) -> str:
        """Return the readable end of its address."""
        return slugify(self.name)[:80].strip("-") or "structure"

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

    def search_name(self) -> str:
        """Return the name and acronym, for the search index."""
        return f"{self.name} {self.acronym}".strip()

    def search_text(self) -> str:
        """Return the text for the search index, with the public place only."""
        place = visible_place(self)
        terms = [self.structure_type.label, *(service.label for service in self.services.all())]
        words = (*terms, self.department.name, place.postcode, place.municipality)
        return " ".join(filter(None, (self.description, *words)))

    def clean(self) -> None:
        """Check that the place is consistent and that no text has a confidential address.

        Raises:
            ValidationError: beside each field that is wrong.
        """
        super().clean()
        errors: dict[str, Any] = {}
        if (self.latitude is None) != (self.longitude is None):
            missing = "latitude" if self.latitude is None else "longitude"
            errors[missing] = _("Donnez les deux coordonnées, ou aucune.")
        if self.department_id and self.postcode:
            known = {place.department for place in gazetteer.geocode(self.postcode)}
            if known and self.department.code not in known:
                errors["postcode"] = _("Ce code postal n'est pas du département choisi.")
        if self.is_confidential:
            errors |= self._told_in_texts()
        if errors:
            raise ValidationError(errors)

    def _told_in_texts(self) -> dict[str, Any]:
        """Return the errors of texts that contain a confidential address."""
        department = gazetteer.plain(self.department.name) if self.department_id else ""
        secrets = {gazetteer.plain(s) for s in (self.street, self.postcode, self.municipality)}
        secrets -= {"", department}
        message = _("Ce texte cite l'adresse, qui est confidentielle.")
        return {
            field: message
            for field in ("name", "acronym", "description")
            if any(
                re.search(rf"\b{re.escape(secret)}\b", gazetteer.plain(getattr(self, field)))
                for secret in secrets
            )
        }

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, and copy the place and its visibility to every translation.

        Else a structure made confidential in French would stay public in English until somebody
        translated it again.
        """
        others = Structure.objects.filter(translation_key=self.translation_key).exclude(pk=self.pk)
        source = others.filter(locale__language_code=settings.LANGUAGE_CODE).first()
        if source is not None:
            for name in SYNCED_FROM_SOURCE:
                setattr(self, name, getattr(source, name))
        super().save(*args, **kwargs)
        if source is None:
            others.update(**{name: getattr(self, name) for name in SYNCED_FROM_SOURCE})

    def to_schema(self, origin: str, reader: AccessLevel = AccessLevel.PUBLIC) -> BaseModel:
        """Return the structure's schema for a reader, in its language."""
        schema: Any = schema_for(Structure)
        with override(self.locale.language_code):
            data: BaseModel = schema.from_model(self, origin, reader)
        return data

    def get_preview_template(self, request: HttpRequest, mode_name: str) -> str:
        return self.template

    def get_preview_context(self, request: HttpRequest, mode_name: str) -> dict[str, Any]:
        """Return the context of an anonymous visitor, for every user who previews."""
        return {"page": self.to_schema(request_origin(request))}


class DirectoryPage(IndexPage):
    """The directory and map of the structures."""

    template = "network/directory_page.html"
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("annuaire du réseau")
        verbose_name_plural = _("annuaires du réseau")

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Serve the page, which no shared cache may keep for a member."""
        return prevent_shared_caching(
            super().serve(request, *args, **kwargs), site_access_level(request)
        )


def site_access_level(request: HttpRequest) -> AccessLevel:
    """Return the access level on the website, where the team sees what members see."""
    user = getattr(request, "user", None)
    return min(access_level_of(user), AccessLevel.MEMBER) if user else AccessLevel.PUBLIC


def prevent_shared_caching(response: HttpResponse, reader: AccessLevel) -> HttpResponse:
    """Forbid shared caches to keep a response for a member."""
    if reader > AccessLevel.PUBLIC:
        response["Cache-Control"] = "private, no-store"
    return response


def import_storage() -> Storage:
    """Return the private storage of imported files, which hold confidential addresses."""
    return storages["private"]


def import_path(upload: StructureImport, name: str) -> str:
    """Return a path that can't be guessed for an imported file."""
    return f"imports/{uuid.uuid4().hex}.{name.rpartition('.')[2].lower()[:4]}"


class StructureImport(models.Model):
    """A table to import, before and after it was applied."""

    class State(models.TextChoices):
        PENDING = "pending", _("À confirmer")
        APPLIED = "applied", _("Appliqué")

    file = models.FileField(_("fichier"), storage=import_storage, upload_to=import_path)
    name = models.CharField(_("nom du fichier"), max_length=200)
    state = models.CharField(_("état"), max_length=7, choices=State, default=State.PENDING)
    created_at = models.DateTimeField(_("reçu le"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("par"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    applied_at = models.DateTimeField(_("appliqué le"), null=True, blank=True)
    created_count = models.PositiveIntegerField(_("créées"), default=0)
    updated_count = models.PositiveIntegerField(_("modifiées"), default=0)

    class Meta:
        verbose_name = _("import de structures")
        verbose_name_plural = _("imports de structures")
        ordering: ClassVar[list[str]] = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Reminder(models.Model):
    """A message that asked a structure to confirm its entry: at most one for each verification."""

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="reminders")
    due_since = models.DateField(_("vérification d'origine"))
    sent_at = models.DateTimeField(_("envoyé le"), auto_now_add=True)

    class Meta:
        verbose_name = _("relance")
        verbose_name_plural = _("relances")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["structure", "due_since"], name="reminder_once_each_verification"
            )
        ]

    def __str__(self) -> str:
        return f"{self.structure} ({self.due_since})"
