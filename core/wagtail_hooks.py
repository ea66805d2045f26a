"""How editors see what every app stands on, and who may have its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.templatetags.static import static
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.models import Page
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from core.admin.personal_data import may_handle, personal_data
from core.admin.territories import TerritoryChooserViewSet
from core.admin.translated_rows import TranslatedRowViewSet
from core.compat import extract_references
from core.models import (
    Audience,
    Document,
    ResourceType,
    Service,
    StructureType,
    Territory,
    Theme,
)

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.urls import URLPattern


# What each app has on the dashboard.
autodiscover_modules("dashboard")


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
    chooser_viewset_class = TerritoryChooserViewSet
    chooser_per_page = 25
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


@hooks.register("insert_global_admin_css")
def add_stylesheets() -> str:
    """Add the colours and the type of the site, and the style of our lists, sheets and letters."""
    names = ("admin", "sheets-admin")
    return format_html_join(
        "\n",
        '<link rel="stylesheet" href="{}">',
        ((static(f"css/{name}.css"),) for name in names),
    )


@hooks.register("insert_editor_js")
def add_count_of_lengths() -> str:
    """Count the length of titles and summaries beside their fields."""
    return format_html('<script type="module" src="{}"></script>', static("js/lengths.js"))


@hooks.register("register_admin_urls")
def register_personal_data() -> list[URLPattern]:
    """Add the screen of what is held of one person."""
    return [path("donnees-personnelles/", personal_data, name="personal_data")]


class PersonalDataMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return may_handle(request.user)


@hooks.register("register_settings_menu_item")
def register_personal_data_menu_item() -> PersonalDataMenuItem:
    """Add « Données personnelles » to « Réglages »."""
    return PersonalDataMenuItem(
        _("Données personnelles"), reverse("personal_data"), icon_name="user", order=650
    )


@hooks.register("register_permissions")
def register_permissions() -> QuerySet[Permission]:
    """Offer the right over what is held of people to groups."""
    return Permission.objects.filter(
        content_type__app_label="core", codename="handle_personal_data"
    )


@hooks.register("construct_help_menu")
def remove_help_in_english(request: HttpRequest, items: list[MenuItem]) -> None:
    """Remove Wagtail's own guide and news, which are in English and of screens that ours change."""
    items[:] = [
        item for item in items if not item.name.startswith(("whats-new-in-wagtail", "editor-guide"))
    ]


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
