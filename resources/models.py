"""The resource centre and the news."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.forms import Select
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.admin.panels import (
    FieldPanel,
    FieldRowPanel,
    InlinePanel,
    MultiFieldPanel,
    PageChooserPanel,
    Panel,
)
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.models import Orderable
from wagtail.search import index
from wagtail_localize.fields import SynchronizedField

from core.blocks import BodyBlock
from core.models import (
    FRENCH_TERMS,
    AttachedDocument,
    BasePage,
    Document,
    Image,
    IndexPage,
    ResourceType,
    WithAudiences,
    WithSummary,
    WithTerritory,
    WithThemes,
)
from core.references import Ref

LANGUAGES = {
    "fr": _("Français"),
    "en": _("Anglais"),
    "ar": _("Arabe"),
    "de": _("Allemand"),
    "es": _("Espagnol"),
    "it": _("Italien"),
    "pt": _("Portugais"),
    "ro": _("Roumain"),
    "uk": _("Ukrainien"),
    "mul": _("Plusieurs langues"),
}
"""The languages in which a resource can be (ISO 639), as people call them."""


class ResourceIndexPage(IndexPage):
    """The resource centre: every resource, by type, theme or audience."""

    template = "resources/resource_index_page.html"
    subpage_types: ClassVar[list[str]] = ["resources.ResourcePage"]

    class Meta:
        verbose_name = _("centre de ressources")
        verbose_name_plural = _("centres de ressources")


class ResourceTag(TaggedItemBase):
    content_object = ParentalKey(
        "resources.ResourcePage", related_name="tagged_items", on_delete=models.CASCADE
    )


class ResourceAuthor(Orderable):
    """Who made a resource."""

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", _("Organisation")
        PERSON = "person", _("Personne")

    page = ParentalKey("resources.ResourcePage", related_name="authors", on_delete=models.CASCADE)
    name = models.CharField(
        _("nom"), max_length=150, help_text=_("Tel qu'il signe ; d'une personne, prénom puis nom.")
    )
    kind = models.CharField(
        _("nature"),
        max_length=12,
        choices=Kind,
        default=Kind.ORGANISATION,
        help_text=_("Un organisme, ou une personne."),
    )

    panels: ClassVar[list[Panel]] = [FieldRowPanel([FieldPanel("name"), FieldPanel("kind")])]

    class Meta(Orderable.Meta):
        verbose_name = _("auteur ou organisation")
        verbose_name_plural = _("auteurs et organisations")

    def __str__(self) -> str:
        return self.name


class ResourceAttachment(AttachedDocument):
    """A further file beside a resource's main document."""

    page = ParentalKey(
        "resources.ResourcePage", related_name="attachments", on_delete=models.CASCADE
    )

    class Meta(AttachedDocument.Meta):
        verbose_name = _("document complémentaire")
        verbose_name_plural = _("documents complémentaires")


class RelatedResource(Orderable):
    """A resource that its reader may want next."""

    page = ParentalKey(
        "resources.ResourcePage", related_name="related_resources", on_delete=models.CASCADE
    )
    resource = models.ForeignKey(
        "resources.ResourcePage",
        verbose_name=_("ressource"),
        on_delete=models.CASCADE,
        related_name="+",
    )

    panels: ClassVar[list[Panel]] = [PageChooserPanel("resource", "resources.ResourcePage")]

    class Meta(Orderable.Meta):
        verbose_name = _("ressource liée")
        verbose_name_plural = _("ressources liées")

    def __str__(self) -> str:
        return str(self.resource)


class ResourcePage(WithSummary, WithThemes, WithAudiences, WithTerritory, BasePage):
    """A resource: a document, a link, a video, or a text of ours."""

    class Format(models.TextChoices):
        DOCUMENT = "document", _("Document à télécharger")
        LINK = "link", _("Lien")
        VIDEO = "video", _("Vidéo")
        PAGE = "page", _("Article en ligne")

    class Licence(models.TextChoices):
        UNKNOWN = "", _("Non précisée")
        ETALAB = "etalab-2.0", _("Licence ouverte / Etalab 2.0")
        CC_BY = "CC-BY-4.0", "CC BY 4.0"
        CC_BY_SA = "CC-BY-SA-4.0", "CC BY-SA 4.0"
        CC_BY_NC = "CC-BY-NC-4.0", "CC BY-NC 4.0"
        CC_BY_NC_ND = "CC-BY-NC-ND-4.0", "CC BY-NC-ND 4.0"
        ALL_RIGHTS = "all-rights-reserved", _("Tous droits réservés")

    class DatePrecision(models.TextChoices):
        DAY = "day", _("Jour connu")
        MONTH = "month", _("Mois et année seulement")
        YEAR = "year", _("Année seulement")

    resource_type = models.ForeignKey(
        ResourceType,
        verbose_name=_("type"),
        on_delete=models.PROTECT,
        related_name="+",
        limit_choices_to=FRENCH_TERMS,
        help_text=_("Ce que c'est : un filtre du site."),
    )
    published_on = models.DateField(
        _("date de parution"),
        db_index=True,
        default=timezone.localdate,
        help_text=_("Celle du document, pas de sa mise en ligne ici."),
    )
    published_on_precision = models.CharField(
        _("précision"),
        max_length=5,
        choices=DatePrecision,
        default=DatePrecision.DAY,
        help_text=_("Ce que l'on sait de la date : le site n'en montre pas plus."),
    )
    content_language = models.CharField(
        _("langue du contenu"),
        max_length=3,
        choices=LANGUAGES,
        default="fr",
        help_text=_("Celle de la ressource elle-même, et non de cette page."),
    )
    document = models.ForeignKey(
        Document,
        verbose_name=_("document"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("De préférence un PDF accessible. Son texte est lu pour la recherche."),
    )
    external_url = models.URLField(
        _("lien"), max_length=500, blank=True, help_text=_("La page officielle de la ressource.")
    )
    video_url = models.URLField(
        _("vidéo"),
        max_length=500,
        blank=True,
        help_text=_("Un lien : rien de son hébergeur n'est chargé sur notre page."),
    )
    video_duration = models.CharField(
        _("durée"),
        max_length=8,
        blank=True,
        validators=[
            RegexValidator(r"^\d{1,2}(:\d{2}){1,2}$", _("Écrivez la durée sous la forme 12:30."))
        ],
        help_text=_("Par exemple 12:30."),
    )
    cover = models.ForeignKey(
        Image,
        verbose_name=_("image de couverture"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Décorative : son texte alternatif n'est pas lu, le titre suffit."),
    )
    body = StreamField(
        BodyBlock(),
        verbose_name=_("contenu"),
        blank=True,
        help_text=_("Ce que l'on y trouve, et à qui elle sert : une idée par bloc."),
    )
    licence = models.CharField(
        _("licence"),
        max_length=20,
        choices=Licence,
        default=Licence.UNKNOWN,
        blank=True,
        help_text=_(
            "À quelles conditions on peut la reprendre ; dans le doute, tous droits réservés."
        ),
    )
    source_name = models.CharField(
        _("structure source"),
        max_length=150,
        blank=True,
        help_text=_("Qui diffuse la ressource, si ce n'est pas son auteur."),
    )
    format = models.CharField(
        _("format"), max_length=8, choices=Format, editable=False, db_index=True
    )
    tags = ClusterTaggableManager(
        through=ResourceTag, verbose_name=_("mots-clés"), blank=True, related_name="resources"
    )

    content_panels: ClassVar[list[Panel]] = [
        *BasePage.content_panels,
        *WithSummary.summary_panels,
        FieldPanel("resource_type", widget=Select),
        MultiFieldPanel(
            [
                FieldPanel("document"),
                FieldPanel("external_url"),
                FieldRowPanel([FieldPanel("video_url"), FieldPanel("video_duration")]),
            ],
            heading=_("La ressource elle-même"),
            help_text=_("Un document, un lien ou une vidéo ; rien si tout tient dans le contenu."),
        ),
        FieldPanel("body"),
        InlinePanel("attachments", heading=_("Documents complémentaires"), label=_("Document")),
        MultiFieldPanel(
            [
                InlinePanel("authors", heading=_("Auteurs et organisations"), label=_("Auteur")),
                FieldPanel("source_name"),
                FieldRowPanel([FieldPanel("published_on"), FieldPanel("published_on_precision")]),
                FieldRowPanel([FieldPanel("content_language"), FieldPanel("licence")]),
            ],
            heading=_("Fiche"),
        ),
        FieldPanel("cover"),
        InlinePanel("related_resources", heading=_("Ressources liées"), label=_("Ressource")),
    ]
    override_translatable_fields: ClassVar[list[SynchronizedField]] = [
        SynchronizedField("resource_type", overridable=False),
        SynchronizedField("video_duration"),
    ]
    classification_panels: ClassVar[list[Panel]] = [
        *WithThemes.theme_panels,
        *WithAudiences.audience_panels,
        *WithTerritory.territory_panels,
        FieldPanel("tags"),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *BasePage.search_fields,
        *WithSummary.summary_search_fields,
        *WithThemes.theme_search_fields,
        *WithAudiences.audience_search_fields,
        *WithTerritory.territory_search_fields,
        index.SearchField("body"),
        index.RelatedFields("resource_type", [index.SearchField("label")]),
        index.RelatedFields("authors", [index.SearchField("name")]),
        index.RelatedFields("tags", [index.SearchField("name")]),
    ]
    api_fields: ClassVar[list[APIField]] = [
        *BasePage.api_fields,
        *map(
            APIField,
            (
                "summary",
                "resource_type",
                "themes",
                "audiences",
                "territory_scope",
                "territory",
                "authors",
                "published_on",
                "content_language",
                "document",
                "external_url",
                "video_url",
                "cover",
                "body",
                "licence",
                "tags",
            ),
        ),
    ]

    image_field = "cover"
    template = "resources/resource_page.html"
    parent_page_types: ClassVar[list[str]] = ["resources.ResourceIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("ressource")
        verbose_name_plural = _("ressources")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-published_on", "-page_ptr"], name="resource_latest_first"),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse a document together with a video: a resource has one main object.

        Raises:
            ValidationError: beside each of the fields that are filled together.
        """
        super().clean()
        filled = [name for name in ("document", "external_url", "video_url") if getattr(self, name)]
        if "document" in filled and "video_url" in filled:
            message = _("Choisissez un document ou une vidéo, ou faites-en deux ressources.")
            raise ValidationError({"document": message, "video_url": message})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, deriving the format from what the resource holds."""
        self.format = self.get_format()
        super().save(*args, **kwargs)

    def get_format(self) -> Format:
        """Return what a reader gets: a document first, then a video, a link, or this page."""
        if self.document_id:
            return self.Format.DOCUMENT
        if self.video_url:
            return self.Format.VIDEO
        return self.Format.LINK if self.external_url else self.Format.PAGE

    def get_kind_label_ref(self) -> Ref:
        return Ref("term_label", (ResourceType.__name__, self.resource_type_id))

    def get_display_date(self) -> tuple[dt.date, str]:
        return self.published_on, self.published_on_precision


class NewsIndexPage(IndexPage):
    """The news, latest first."""

    template = "resources/news_index_page.html"
    subpage_types: ClassVar[list[str]] = ["resources.NewsPage"]

    class Meta:
        verbose_name = _("actualités (rubrique)")
        verbose_name_plural = _("actualités (rubriques)")


class NewsTag(TaggedItemBase):
    content_object = ParentalKey(
        "resources.NewsPage", related_name="tagged_items", on_delete=models.CASCADE
    )


class NewsPage(WithSummary, WithThemes, WithTerritory, BasePage):
    """A piece of news."""

    date = models.DateField(
        _("date"),
        db_index=True,
        default=timezone.localdate,
        help_text=_("Celle de la nouvelle : les actualités se suivent par date."),
    )
    image = models.ForeignKey(
        Image,
        verbose_name=_("image"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Décorative : son texte alternatif n'est pas lu, le titre suffit."),
    )
    body = StreamField(
        BodyBlock(),
        verbose_name=_("contenu"),
        blank=True,
        help_text=_("L'essentiel d'abord : une idée par bloc."),
    )
    linked_resource = models.ForeignKey(
        ResourcePage,
        verbose_name=_("ressource liée"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Si la nouvelle annonce une ressource : une carte y mène."),
    )
    tags = ClusterTaggableManager(
        through=NewsTag, verbose_name=_("mots-clés"), blank=True, related_name="news"
    )

    content_panels: ClassVar[list[Panel]] = [
        *BasePage.content_panels,
        *WithSummary.summary_panels,
        FieldPanel("body"),
        FieldPanel("image"),
        FieldPanel("date"),
        PageChooserPanel("linked_resource", "resources.ResourcePage"),
    ]
    classification_panels: ClassVar[list[Panel]] = [
        *WithThemes.theme_panels,
        *WithTerritory.territory_panels,
        FieldPanel("tags"),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *BasePage.search_fields,
        *WithSummary.summary_search_fields,
        *WithThemes.theme_search_fields,
        *WithTerritory.territory_search_fields,
        index.SearchField("body"),
        index.RelatedFields("tags", [index.SearchField("name")]),
    ]
    api_fields: ClassVar[list[APIField]] = [
        *BasePage.api_fields,
        *map(
            APIField, ("summary", "date", "themes", "territory_scope", "territory", "image", "body")
        ),
    ]

    image_field = "image"
    template = "resources/news_page.html"
    parent_page_types: ClassVar[list[str]] = ["resources.NewsIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("actualité")
        verbose_name_plural = _("actualités")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-date", "-page_ptr"], name="news_latest_first"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_display_date(self) -> tuple[dt.date, str]:
        return self.date, "day"
