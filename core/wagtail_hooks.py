"""How editors see what every app stands on, and who may have its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.components import Component
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from core.admin.translated_rows import TranslatedRowViewSet
from core.compat import extract_references
from core.compat.admin import PagePermissionPolicy, policy_registry
from core.languages.translations import outdated_translations
from core.library import may_replace_public_files
from core.models import (
    Audience,
    Document,
    ResourceType,
    Service,
    StructureType,
    Territory,
    Theme,
)
from core.registry import get_file_uses

if TYPE_CHECKING:
    from django.http import HttpRequest


class TermViewSet(TranslatedRowViewSet):
    """Base of the listings of the vocabularies."""

    list_display = ("label", "slug", "sort_order")
    search_fields = ("label", "slug")
    # A vocabulary is short, and the index has no part of a word.
    search_backend_name = None
    ordering = ("sort_order", "label")
    list_per_page = 50
    icon = "tag"
    inspect_view_enabled = True


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
    inspect_view_enabled = True


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
        if not may_replace_public_files(user):
            editable = editable.exclude(pk__in=get_file_uses().published_keys(Document))
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


@hooks.register("construct_homepage_panels")
def add_panels(request: HttpRequest, panels: list[Component]) -> None:
    """Add our panels below Wagtail's own."""
    panels += [InaccessibleDocuments(), OutdatedTranslations()]
