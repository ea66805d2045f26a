"""The issues of the newsletter, as pages: their archive is on the site once they are sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, Panel
from wagtail.fields import RichTextField, StreamField
from wagtail.search import index

from core.blocks import RICH_TEXT_FEATURES
from core.models import BasePage, IndexPage, WithSummary
from newsletter.blocks import SectionBlock
from newsletter.models.subscribers import Segment

PREVIEW_EMAIL, PREVIEW_TEXT, PREVIEW_WEB = "email", "text", "web"
Preview = Callable[["NewsletterIssuePage", HttpRequest], HttpResponse]
PREVIEWS: dict[str, Preview] = {}
"""What answers a mode of preview, where it is not the page itself."""


def register_preview(mode_name: str) -> Callable[[Preview], Preview]:
    """Register the function that answers a mode of preview of an issue."""

    def register(preview: Preview) -> Preview:
        PREVIEWS[mode_name] = preview
        return preview

    return register


class NewsletterIndexPage(IndexPage):
    """The archive of the newsletter."""

    template = "newsletter/index_page.html"
    subpage_types: ClassVar[list[str]] = ["newsletter.NewsletterIssuePage"]

    class Meta:
        verbose_name = _("lettre d'information")
        verbose_name_plural = _("lettres d'information")


class NewsletterIssuePage(WithSummary, BasePage):
    """One issue: its content and its segment. :mod:`newsletter.sending` sends it."""

    number = models.PositiveIntegerField(_("numéro"))
    period = models.CharField(
        _("période"), max_length=60, blank=True, help_text=_("Par exemple : été 2026.")
    )
    subject = models.CharField(
        _("objet de l'e-mail"),
        max_length=150,
        blank=True,
        help_text=_("60 caractères au plus pour être lu en entier sur un téléphone."),
    )
    editorial = RichTextField(_("éditorial"), features=RICH_TEXT_FEATURES, blank=True)
    sections = StreamField([("section", SectionBlock())], verbose_name=_("rubriques"), blank=True)
    segment = models.ForeignKey(
        Segment,
        verbose_name=_("destinataires"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Vide : toutes les personnes abonnées."),
    )

    content_panels: ClassVar[list[Panel]] = [
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("number"), FieldPanel("period")]),
        MultiFieldPanel(
            [
                FieldPanel("subject"),
                FieldPanel(
                    "summary",
                    heading=_("Aperçu"),
                    help_text=_("Ce qu'on lit après l'objet, avant d'ouvrir."),
                ),
            ],
            heading=_("Dans la boîte de réception"),
        ),
        FieldPanel("editorial"),
        FieldPanel("sections"),
        MultiFieldPanel(
            [
                FieldPanel("segment"),
                HelpPanel(
                    template="newsletter/admin/help_panel.html",
                ),
            ],
            heading=_("Envoi"),
        ),
    ]
    search_fields: ClassVar[list[index.BaseField]] = [
        *BasePage.search_fields,
        *WithSummary.summary_search_fields,
        index.SearchField("editorial"),
        index.SearchField("sections"),
    ]

    template = "newsletter/issue_page.html"
    parent_page_types: ClassVar[list[str]] = ["newsletter.NewsletterIndexPage"]
    subpage_types: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("numéro de la lettre")
        verbose_name_plural = _("numéros de la lettre")

    def __str__(self) -> str:
        return self.title

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        """Return the modes of preview: the e-mail, its text and the archive."""
        return [
            (PREVIEW_EMAIL, str(_("E-mail"))),
            (PREVIEW_TEXT, str(_("E-mail, en texte seul"))),
            (PREVIEW_WEB, str(_("Archive sur le site"))),
        ]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show the issue as a mailbox or the archive does."""
        if mode_name in PREVIEWS:
            request.is_preview = True  # type: ignore[attr-defined]
            return PREVIEWS[mode_name](self, request)
        response: HttpResponse = super().serve_preview(request, "")
        return response
