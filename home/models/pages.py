from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, Panel
from wagtail.api import APIField
from wagtail.fields import StreamField
from wagtail.models import PagePermissionTester
from wagtail.search import index

from core.blocks import BodyBlock
from core.lengths import SUMMARY_LENGTH, counted
from core.models import BasePage, Image, WithAudiences, WithSummary
from home.blocks import EntranceBlock, KeyFigureStream, LatestBlock, MemberBlock, MissionBlock

if TYPE_CHECKING:
    from core.models import User


def image_key(label: Any, help_text: Any = "") -> models.ForeignKey[Any, Any]:
    """Return an optional key to an image of the library."""
    return models.ForeignKey(
        Image,
        verbose_name=label,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=help_text,
    )


class HomePagePermissions(PagePermissionTester):
    """What may be done with a home page: the site of a language stands on it."""

    def can_copy(self) -> bool:
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False

    def can_move(self) -> bool:
        return False

    def can_unpublish(self) -> bool:
        return False


class HomePage(BasePage):
    """The first page: ways in for each kind of visitor, missions, figures, what is new."""

    site_name = models.CharField(
        _("nom du site"),
        max_length=80,
        default="Projet PARÉ",
        help_text=_("En haut de chaque page, dans les lettres et les partages."),
    )
    operator = models.CharField(
        _("porteur du projet"),
        max_length=120,
        blank=True,
        help_text=_("En bas de chaque page et des lettres."),
    )
    tagline = models.CharField(
        _("accroche"),
        max_length=150,
        blank=True,
        help_text=_("Une phrase sous le nom du site : à qui il s'adresse, et pour quoi."),
    )
    summary = models.TextField(
        _("objet du projet"),
        max_length=500,
        blank=True,
        help_text=_("Deux ou trois phrases simples : ce que fait le projet."),
    )
    image = image_key(_("image"), _("Décorative : son texte alternatif n'est pas lu."))
    entrances = StreamField(
        [("entrance", EntranceBlock())],
        verbose_name=_("portes d'entrée"),
        blank=True,
        max_num=6,
        help_text=_(
            "Une porte par sorte de visiteur (professionnel, parent, jeune), "
            "avec la page où elle mène."
        ),
    )
    missions = StreamField(
        [("mission", MissionBlock())],
        verbose_name=_("missions"),
        blank=True,
        max_num=8,
        help_text=_("Ce que fait le projet, en quelques titres courts."),
    )
    key_figures = StreamField(
        KeyFigureStream(),
        verbose_name=_("chiffres clés"),
        blank=True,
        max_num=6,
        help_text=_("Jamais sans leur source et leur date."),
    )
    sections = StreamField(
        [("latest", LatestBlock())],
        verbose_name=_("derniers contenus"),
        blank=True,
        max_num=6,
        help_text=_("Des listes qui se remplissent seules avec ce qui vient d'être publié."),
    )
    body = StreamField(
        BodyBlock(),
        verbose_name=_("contenu"),
        blank=True,
        help_text=_("Ce qui suit, sous les listes ; rien n'y est obligatoire."),
    )

    content_panels: ClassVar[list[Panel]] = [
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("site_name"), FieldPanel("operator")], heading=_("Le site")),
        FieldPanel("tagline"),
        FieldPanel("summary", attrs=counted(SUMMARY_LENGTH)),
        FieldPanel("image"),
        FieldPanel("entrances"),
        FieldPanel("sections"),
        FieldPanel("missions"),
        FieldPanel("key_figures"),
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *BasePage.search_fields,
        index.SearchField("tagline"),
        index.SearchField("summary", boost=2),
        index.SearchField("missions"),
        index.SearchField("body"),
    ]
    api_fields: ClassVar[list[APIField]] = [
        *BasePage.api_fields,
        APIField("tagline"),
        APIField("summary"),
        APIField("body"),
    ]

    template = "home/home_page.html"
    image_field = "image"
    parent_page_types: ClassVar[list[str]] = ["wagtailcore.Page"]
    subpage_types: ClassVar[list[str]] = [
        "home.StandardPage",
        "home.CampaignPage",
        "home.TeamPage",
        "resources.ResourceIndexPage",
        "resources.NewsIndexPage",
        "events.EventIndexPage",
        "network.DirectoryPage",
    ]

    class Meta:
        verbose_name = _("page d'accueil")
        verbose_name_plural = _("pages d'accueil")

    def __str__(self) -> str:
        return self.title

    def permissions_for_user(self, user: User) -> PagePermissionTester:
        """Return what a user may do with the page."""
        return HomePagePermissions(user, self)


class StandardPage(WithSummary, BasePage):
    """A page of text: about, legal notice, advice."""

    image = image_key(_("image"), _("Décorative : son texte alternatif n'est pas lu."))
    body = StreamField(
        BodyBlock(),
        verbose_name=_("contenu"),
        blank=True,
        help_text=_("Titres courts, phrases courtes : une idée par bloc."),
    )

    content_panels: ClassVar[list[Panel]] = [
        *BasePage.content_panels,
        *WithSummary.summary_panels,
        FieldPanel("body"),
        FieldPanel("image"),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *BasePage.search_fields,
        *WithSummary.summary_search_fields,
        index.SearchField("body"),
    ]
    api_fields: ClassVar[list[APIField]] = [
        *BasePage.api_fields,
        APIField("summary"),
        APIField("image"),
        APIField("body"),
    ]

    template = "home/standard_page.html"
    image_field = "image"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage", "home.StandardPage"]
    subpage_types: ClassVar[list[str]] = ["home.StandardPage", "home.CampaignPage"]

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")

    def __str__(self) -> str:
        return self.title


class CampaignPage(WithSummary, WithAudiences, BasePage):
    """A prevention campaign: its slogan, its messages, its material."""

    slogan = models.CharField(
        _("slogan"), max_length=150, blank=True, help_text=_("Tel qu'il est sur les affiches.")
    )
    image = image_key(_("image"), _("Décorative : son texte alternatif n'est pas lu."))
    external_url = models.URLField(
        _("site de la campagne"),
        max_length=500,
        blank=True,
        help_text=_("Si la campagne a un site à elle."),
    )
    starts_on = models.DateField(
        _("début"),
        null=True,
        blank=True,
        help_text=_("Le premier jour de la campagne, si elle a une durée."),
    )
    ends_on = models.DateField(
        _("fin"),
        null=True,
        blank=True,
        help_text=_("Le dernier jour ; la page reste en ligne après."),
    )
    body = StreamField(
        BodyBlock(),
        verbose_name=_("contenu"),
        blank=True,
        help_text=_("Les messages, puis le matériel à télécharger."),
    )

    content_panels: ClassVar[list[Panel]] = [
        *BasePage.content_panels,
        FieldPanel("slogan"),
        *WithSummary.summary_panels,
        FieldPanel("body"),
        MultiFieldPanel(
            [
                FieldPanel("external_url"),
                FieldRowPanel([FieldPanel("starts_on"), FieldPanel("ends_on")]),
                *WithAudiences.audience_panels,
            ],
            heading=_("Campagne"),
        ),
        FieldPanel("image"),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *BasePage.search_fields,
        *WithSummary.summary_search_fields,
        *WithAudiences.audience_search_fields,
        index.SearchField("slogan"),
        index.SearchField("body"),
    ]
    api_fields: ClassVar[list[APIField]] = [
        *BasePage.api_fields,
        APIField("slogan"),
        APIField("summary"),
        APIField("image"),
        APIField("external_url"),
        APIField("body"),
    ]

    template = "home/campaign_page.html"
    image_field = "image"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage", "home.StandardPage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("campagne")
        verbose_name_plural = _("campagnes")

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        """Refuse a campaign that ends before it starts.

        Raises:
            ValidationError: beside the end.
        """
        super().clean()
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": _("La fin est avant le début.")})


class TeamPage(WithSummary, BasePage):
    """Who runs the project, by role."""

    members = StreamField(
        [("member", MemberBlock())],
        verbose_name=_("équipe"),
        blank=True,
        help_text=_("Le rôle d'abord ; un nom n'est montré qu'avec l'accord de la personne."),
    )
    body = StreamField(
        BodyBlock(),
        verbose_name=_("contenu"),
        blank=True,
        help_text=_("Ce qui suit l'équipe, s'il y a lieu."),
    )

    content_panels: ClassVar[list[Panel]] = [
        *BasePage.content_panels,
        *WithSummary.summary_panels,
        FieldPanel("members"),
        FieldPanel("body"),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *BasePage.search_fields,
        *WithSummary.summary_search_fields,
        index.SearchField("members"),
        index.SearchField("body"),
    ]
    api_fields: ClassVar[list[APIField]] = [
        *BasePage.api_fields,
        APIField("summary"),
        APIField("members"),
        APIField("body"),
    ]

    template = "home/team_page.html"
    parent_page_types: ClassVar[list[str]] = ["home.HomePage", "home.StandardPage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("page de l'équipe")
        verbose_name_plural = _("pages de l'équipe")

    def __str__(self) -> str:
        return self.title
