"""Who may have the files of the library, and how Wagtail's own API links to pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from wagtail import hooks

from core.compat.admin import policy_registry
from core.models import Document
from published.link_handlers import PublicPageLinkHandler
from published.queries import is_public_file

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from wagtail.rich_text.feature_registry import FeatureRegistry


@hooks.register("register_rich_text_features", order=10)
def link_to_public_pages_only(features: FeatureRegistry) -> None:
    """Replace Wagtail's handler of links, which would reveal drafts."""
    features.register_link_type(PublicPageLinkHandler)


@hooks.register("before_serve_document")
def refuse_unpublished_document(document: Document, request: HttpRequest) -> HttpResponse | None:
    """Refuse to serve a document to the public unless something public refers to it.

    Raises:
        Http404: it is not for this reader, who must not learn that it exists.
    """
    policy = policy_registry.get_by_type(Document)
    if policy.user_has_any_permission_for_instance(
        request.user, {"add", "change", "delete", "choose"}, document
    ):
        return None
    if not is_public_file(document):
        raise Http404
    return None
