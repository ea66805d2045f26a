"""How editors see what surrounds every page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.ui.tables import BooleanColumn
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSetGroup

from core.admin.translated_rows import TranslatedRowViewSet
from core.dependents import Dependents, register_dependents
from home.admin_views import try_email
from home.models import EmergencyNumber, Funder
from published.queries import page_items

if TYPE_CHECKING:
    from django.db.models import Model
    from django.urls import URLPattern


@register_dependents(EmergencyNumber)
@register_dependents(Funder)
def count_public_pages(instance: Model) -> Dependents:
    """Return the pages that what surrounds every page is on."""
    return Dependents(gettext("Pages publiques"), page_items().count(), (), "shows", is_live=True)


class EmergencyNumberViewSet(TranslatedRowViewSet):
    model = EmergencyNumber
    inspect_view_enabled = True
    icon = "warning"
    list_display = (
        "number",
        "label",
        "note",
        BooleanColumn("is_prominent", label=_("mis en avant"), sort_key="is_prominent"),
        "verified_on",
        "sort_order",
    )
    list_filter = ("channel", "is_prominent")
    ordering = ("sort_order",)


class FunderViewSet(TranslatedRowViewSet):
    model = Funder
    inspect_view_enabled = True
    icon = "group"
    list_display = ("name", "url", "sort_order")
    ordering = ("sort_order", "name")


@register_snippet
class SiteInfoGroup(SnippetViewSetGroup):
    """The menu « Infos du site »."""

    items = (EmergencyNumberViewSet, FunderViewSet)
    menu_label = _("Infos du site")
    menu_icon = "info-circle"
    menu_order = 810


@hooks.register("register_admin_urls")
def register_screens() -> list[URLPattern]:
    """Register the screen on which an installation tries its e-mail."""
    return [path("demarrage/e-mail/", try_email, name="home_try_email")]
