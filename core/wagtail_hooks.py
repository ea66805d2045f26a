"""How editors see what every app stands on, and who may have its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.http import Http404
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.admin.widgets.button import Button
from wagtail.models import DraftStateMixin, Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from core.admin import translations
from core.admin.views import can_be_reviewed, submit_for_review
from core.compat import extract_references
from core.compat.admin import PagePermissionPolicy, policy_registry
from core.languages.publishing import may_publish
from core.languages.translations import outdated_translations, translation_of
from core.link_handlers import VisiblePageLinkHandler
from core.models import (
    Audience,
    Document,
    ResourceType,
    Service,
    StructureType,
    Territory,
    Theme,
)
from core.queries import publicly_referenced_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from wagtail.admin.action_menu import ActionMenuItem
    from wagtail.rich_text.feature_registry import FeatureRegistry

    from core.models import User


class TermViewSet(SnippetViewSet):
    """Base of the listings of the vocabularies."""

    list_display = ("label", "slug", "sort_order")
    search_fields = ("label", "slug")
    ordering = ("sort_order", "label")
    list_per_page = 50
    icon = "tag"


class ResourceTypeViewSet(TermViewSet):
    model = ResourceType


class ThemeViewSet(TermViewSet):
    model = Theme


class AudienceViewSet(TermViewSet):
    model = Audience


class StructureTypeViewSet(TermViewSet):
    model = StructureType


class ServiceViewSet(TermViewSet):
    model = Service


class TerritoryViewSet(SnippetViewSet):
    """Territories are data of the INSEE: to look at, and to correct after a reform."""

    model = Territory
    icon = "globe"
    list_display = ("name", "code", "kind", "region")
    list_filter = ("kind", "zone", "region")
    search_fields = ("name", "code")
    ordering = ("-kind", "name")
    list_per_page = 50


@register_snippet
class VocabularyGroup(SnippetViewSetGroup):
    """The menu « Vocabulaires »."""

    items = (
        ThemeViewSet,
        AudienceViewSet,
        ResourceTypeViewSet,
        StructureTypeViewSet,
        ServiceViewSet,
        TerritoryViewSet,
    )
    menu_label = _("Vocabulaires")
    menu_icon = "tag"
    menu_order = 800


@hooks.register("register_rich_text_features", order=10)
def resolve_page_links_when_read(features: FeatureRegistry) -> None:
    """Replace Wagtail's handler of links, which would reveal drafts."""
    features.register_link_type(VisiblePageLinkHandler)


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
    if not publicly_referenced_ids(Document).filter(key=document.pk).exists():
        raise Http404
    return None


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def warn_about_inaccessible_documents(request: HttpRequest, page: Page) -> None:
    """Warn the editor of a saved page about its documents that could not be read.

    The references are those of the page as edited: the stored index follows what is live.
    """
    to_document = ContentType.objects.get_for_model(Document).pk
    keys = {
        reference.to_object_id
        for reference in extract_references(page)
        if reference.to_content_type_id == to_document
    }
    for document in Document.objects.filter(pk__in=keys, text_state__in=Document.UNREADABLE_STATES):
        messages.warning(request, document.accessibility_warning)


class InaccessibleDocuments(Component):
    """The panel of the dashboard with the documents that a screen reader can't read."""

    order = 300
    template_name = "core/admin/inaccessible_documents.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = parent_context["request"].user
        editable = policy_registry.get_by_type(Document).instances_user_has_permission_for(
            user, "change"
        )
        return {"documents": editable.filter(text_state__in=Document.UNREADABLE_STATES)[:10]}


class OutdatedTranslations(Component):
    """The panel of the dashboard with the translations to update."""

    order = 310
    template_name = "core/admin/outdated_translations.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        user = parent_context["request"].user
        pages = PagePermissionPolicy().instances_user_has_permission_for(user, "change")
        rows = outdated_translations().filter(page_id__in=pages.values("pk"))
        return {"translations": rows[:10]}


@hooks.register("register_admin_urls")
def register_translating() -> list[URLPattern]:
    """Add what translators need besides wagtail-localize."""
    return [
        path(
            "traductions/<int:page_id>/relecture/",
            submit_for_review,
            name="submit_translation_for_review",
        )
    ]


@hooks.register("register_admin_urls", order=-1)
def register_before_localize() -> list[URLPattern]:
    """Register the views that stand before those of wagtail-localize, at their addresses."""
    return [
        path(
            "localize/submit/page/<int:page_id>/",
            translations.SubmitPageTranslationView.as_view(),
        ),
        path(
            "localize/submit/snippet/<slug:app_label>/<slug:model_name>/<str:pk>/",
            translations.SubmitSnippetTranslationView.as_view(),
        ),
        path(
            "localize/update/<int:translation_source_id>/",
            translations.UpdateTranslationsView.as_view(),
        ),
        path("localize/page/<int:page_id>/convert_to_alias/", translations.convert_to_alias),
    ]


@hooks.register("before_edit_page", order=-1)
@hooks.register("before_edit_snippet", order=-1)
def publish_translation(request: HttpRequest, instance: Any) -> HttpResponse | None:
    """Answer the editor of translations when it asks to publish."""
    return translations.publish_translation(request, instance)


@hooks.register("construct_snippet_listing_buttons")
def hide_translating(buttons: list[Button], snippet: Any, user: User) -> None:
    """Remove « Traduire » where it would make something public by who may not."""
    if isinstance(snippet, DraftStateMixin) or may_publish(user, snippet):
        return
    start = reverse("wagtailadmin_home") + "localize/submit/"
    buttons[:] = [button for button in buttons if not str(button.url).startswith(start)]


@hooks.register("construct_page_action_menu")
def hide_converting(
    items: list[ActionMenuItem], request: HttpRequest, context: dict[str, Any]
) -> None:
    """Remove « Convertir en alias », which replaces what the public reads, where it is refused."""
    page = context.get("page")
    if page is not None and page.pk and not may_publish(request.user, page):  # type: ignore[arg-type]
        items[:] = [item for item in items if item.name != "localize-convert-to-alias"]


@hooks.register("register_page_header_buttons")
@hooks.register("register_page_listing_more_buttons")
def offer_review(page: Page, user: User, **kwargs: Any) -> Iterator[Button]:
    """Add a button with which translators submit a translation for review."""
    # A translation is never in the source language: nothing is asked of the database for that.
    if (
        page.locale.language_code != settings.LANGUAGE_CODE
        and can_be_reviewed(page, user)
        and translation_of(page)
    ):
        yield Button(
            _("Proposer à la relecture"),
            reverse("submit_translation_for_review", args=[page.pk]),
            icon_name="check",
            priority=62,
        )


@hooks.register("construct_homepage_panels")
def add_panels(request: HttpRequest, panels: list[Component]) -> None:
    """Add our panels below Wagtail's own."""
    panels += [InaccessibleDocuments(), OutdatedTranslations()]
