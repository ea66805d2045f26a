"""How editors see what surrounds every page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import SnippetViewSet, SnippetViewSetGroup

from home.models import EmergencyNumber, Funder


class EmergencyNumberViewSet(SnippetViewSet):
    model = EmergencyNumber
    inspect_view_enabled = True
    icon = "warning"
    list_display = ("number", "label", "note", "is_prominent", "verified_on", "sort_order")
    list_filter = ("channel", "is_prominent")
    ordering = ("sort_order",)


class FunderViewSet(SnippetViewSet):
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
