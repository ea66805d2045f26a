"""Who may have the files of the library, and how Wagtail's own API links to pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from wagtail import hooks

from published.admin_views import library_urls
from published.documents import is_in_library_of, publicly_served_file
from published.link_handlers import PublicPageLinkHandler

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.urls import URLPattern
    from wagtail.log_actions import LogActionRegistry
    from wagtail.rich_text.feature_registry import FeatureRegistry

    from core.models import Document


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
