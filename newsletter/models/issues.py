"""The issues of the newsletter, as pages: their archive is on the site once they are sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.pages import CopyForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, Panel
from wagtail.fields import RichTextField, StreamField
from wagtail.models import PagePermissionTester
from wagtail.search import index

from core.blocks import RICH_TEXT_FEATURES
from core.lengths import TITLE_LENGTH, counted
from core.models import BasePage, IndexPage, WithSummary
from core.models.pages import SinglePagePermissions
from newsletter.blocks import SectionBlock
from newsletter.models.subscribers import Segment
from published.models import LedgerEntry

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from core.models import User

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


class ArchivePermissionTester(SinglePagePermissions):
    """Who may do what with the archive: nobody publishes an issue below it by hand."""

    def can_publish_subpage(self) -> bool:
        return False


class IssuePermissionTester(PagePermissionTester):
    """Who may do what with an issue: nobody publishes it by hand, it is sent."""

    def can_publish(self) -> bool:
        return False

    def can_set_view_restrictions(self) -> bool:
        """Return whether a user may restrict an issue: who publishes other pages may."""
        allowed: bool = super().can_publish()
        return allowed


class IssueCopyForm(CopyForm):
    """The form that copies an issue: its copy is another issue, and a draft."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("publish_copies", None)


class NewsletterIndexPage(IndexPage):
    """The archive of the newsletter."""

    template = "newsletter/index_page.html"
    subpage_types: ClassVar[list[str]] = ["newsletter.NewsletterIssuePage"]

    class Meta:
        verbose_name = _("lettre d'information")
        verbose_name_plural = _("lettres d'information")

    def permissions_for_user(self, user: User | AnonymousUser) -> PagePermissionTester:
        return ArchivePermissionTester(user, self)


class NewsletterIssuePage(WithSummary, BasePage):
    """One issue: its content and its segment. :mod:`newsletter.sending` sends it."""

    is_published_by_review: ClassVar[bool] = False
    """Its archive appears when it is sent."""

    number = models.PositiveIntegerField(
        _("numéro"), help_text=_("Celui de l'archive : le suivant est proposé.")
    )
    period = models.CharField(
        _("période"), max_length=60, blank=True, help_text=_("Par exemple : été 2026.")
    )
    subject = models.CharField(
        _("objet de l'e-mail"),
        max_length=150,
        blank=True,
        help_text=_("60 caractères au plus pour être lu en entier sur un téléphone."),
    )
    editorial = RichTextField(
        _("éditorial"),
        features=RICH_TEXT_FEATURES,
        blank=True,
        help_text=_("Quelques lignes, en tête de la lettre."),
    )
    sections = StreamField(
        [("section", SectionBlock())],
        verbose_name=_("rubriques"),
        blank=True,
        help_text=_(
            "Préparées avec ce qui a été publié depuis la dernière lettre : "
            "réordonnez, retirez, ajoutez un mot."
        ),
    )
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
        HelpPanel(template="newsletter/admin/way_to_archive.html"),
        *BasePage.content_panels,
        FieldRowPanel([FieldPanel("number"), FieldPanel("period")]),
        MultiFieldPanel(
            [
                FieldPanel("subject", attrs=counted(TITLE_LENGTH)),
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
        MultiFieldPanel([FieldPanel("segment")], heading=_("Envoi")),
    ]
    # Its day is that of its sending.
    settings_panels: ClassVar[list[Panel]] = [
        panel
        for panel in BasePage.settings_panels
        if getattr(panel, "path", "") != "wagtail.admin.panels.PublishingPanel"
    ]
    copy_form_class = IssueCopyForm
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

    def permissions_for_user(self, user: User) -> PagePermissionTester:
        return IssuePermissionTester(user, self)

    @property
    def has_archive(self) -> bool:
        """Return whether it was sent, be it to one person, or was public before it could be."""
        if not self.pk:
            return False
        if self.mailings.filter(started_at__isnull=False).exists():
            return True
        kind = ContentType.objects.get_for_model(self)
        admitted = LedgerEntry.objects.filter(act=LedgerEntry.Act.ADMIT, content_type=kind)
        return admitted.filter(thing_id=self.pk).exists()

    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        """Return the modes of preview: the e-mail, its text and the archive."""
        return [
            (PREVIEW_EMAIL, str(_("E-mail"))),
            (PREVIEW_TEXT, str(_("E-mail, en texte seul"))),
            (PREVIEW_WEB, str(_("Archive sur le site"))),
            # Those of every page, but for the page itself.
            *super().preview_modes[1:],
        ]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> HttpResponse:
        """Show the issue as a mailbox or the archive does."""
        if mode_name in PREVIEWS:
            request.is_preview = True  # type: ignore[attr-defined]
            return PREVIEWS[mode_name](self, request)
        mode = "" if mode_name == PREVIEW_WEB else mode_name
        response: HttpResponse = super().serve_preview(request, mode)
        return response
