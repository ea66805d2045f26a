"""Who may have the files of the library, and how Wagtail's own API links to pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Permission
from django.http import Http404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.widgets import HeaderButton

from core.compat.admin import HistoryView
from core.models import User
from published import ledger_views
from published.admin_views import library_urls
from published.columns import patch_wagtail_page_lists
from published.documents import is_in_library_of, publicly_served_file
from published.link_handlers import PublicPageLinkHandler
from published.side_panels import patch_wagtail_side_panels
from published.states import can_be_public
from review.rights import may_edit

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.urls import URLPattern
    from wagtail.log_actions import LogActionRegistry
    from wagtail.rich_text.feature_registry import FeatureRegistry

    from core.models import Document

VIEW_LEDGER = "published.view_ledgerentry"


patch_wagtail_page_lists()
patch_wagtail_side_panels()


@hooks.register("register_rich_text_features", order=10)
def link_to_public_pages_only(features: FeatureRegistry) -> None:
    """Replace Wagtail's handler of links, which would reveal drafts."""
    features.register_link_type(PublicPageLinkHandler)


@hooks.register("before_serve_document")
def refuse_unpublished_document(document: Document, request: HttpRequest) -> None:
    """Refuse to serve a document to the public unless something public refers to it.

    Raises:
        Http404: it is not for this reader, who must not learn that it exists.
    """
    if publicly_served_file(document) is None and not is_in_library_of(request.user, document):
        raise Http404


@hooks.register("register_admin_urls", order=-1)
def register_library() -> list[URLPattern]:
    """Register our screens of a file before those of Wagtail, at the same addresses."""
    return library_urls()


@hooks.register("register_log_actions")
def register_file_actions(actions: LogActionRegistry) -> None:
    """Register the label of a public file that is replaced, for the history of the site."""
    label = _("Fichier public remplacé")
    actions.register_action("core.replace_file", label, label)


@hooks.register("register_admin_urls")
def register_ledger() -> list[URLPattern]:
    """Register the screens of the ledger."""
    thing = "<int:type_pk>/<int:pk>/"
    report = ledger_views.LedgerReportView
    return [
        path(f"registre/{thing}", ledger_views.LedgerView.as_view(), name="published_ledger"),
        path(
            f"registre/{thing}comparer/",
            ledger_views.PublicComparisonView.as_view(),
            name="published_compare",
        ),
        path("reports/registre/", report.as_view(), name="published_ledger_report"),
        path(
            "reports/registre/results/",
            report.as_view(results_only=True),
            name="published_ledger_report_results",
        ),
    ]


class LedgerMenuItem(MenuItem):
    """« Registre des mises en ligne », for those who may view the ledger of the site."""

    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(VIEW_LEDGER))


@hooks.register("register_reports_menu_item")
def register_ledger_report() -> MenuItem:
    """Register the report of the ledger of the site."""
    return LedgerMenuItem(
        _("Registre des mises en ligne"),
        reverse("published_ledger_report"),
        name="ledger",
        icon_name="list-ul",
        order=990,
    )


@hooks.register("register_permissions")
def register_ledger_permission() -> QuerySet[Permission]:
    """Register the right to view the ledger of the site, to be given to groups."""
    return Permission.objects.filter(
        content_type__app_label="published", codename="view_ledgerentry"
    )


def link_history_to_ledger() -> None:
    """Patch Wagtail to link the history of something that may be public to its ledger."""
    get_buttons = HistoryView.header_buttons.func

    def header_buttons(self: Any) -> list[HeaderButton]:
        buttons: list[HeaderButton] = get_buttons(self)
        user = self.request.user
        if not can_be_public(self.object) or not isinstance(user, User):
            return buttons
        if getattr(self.object, "alias_of_id", None) or not may_edit(self.object, user):
            return buttons
        url = ledger_views.ledger_path(self.object)
        return [*buttons, HeaderButton(label=_("Registre"), url=url, icon_name="list-ul")]

    HistoryView.header_buttons = property(header_buttons)


link_history_to_ledger()
