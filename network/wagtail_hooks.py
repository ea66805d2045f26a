"""How editors see the network: the menu « Réseau », its listing, imports and exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.contrib.auth.models import Permission
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.widgets import HeaderButton
from wagtail.snippets.bulk_actions.snippet_bulk_action import SnippetBulkAction
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet, SnippetViewSetGroup

from core.admin.viewsets import ListOnlyViewSet
from network import admin_views, verification
from network.filters import StructureFilterSet
from network.imports import writer
from network.models import Structure, StructureExport
from network.places import EDIT
from published.columns import StandingColumn
from review.inheritance import MarkingCopyView

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from wagtail.log_actions import LogActionRegistry


class StructureIndexView(IndexView):
    """The list of structures, with links to imports and exports."""

    @cached_property
    def columns(self) -> list[Any]:
        columns: list[Any] = super().columns
        for column in columns:
            if column.name == "name":
                # Beside all the others, names would be broken within words.
                column.width = "30%"
        return columns

    @property
    def header_more_buttons(self) -> list[Any]:
        query = self.request.GET.urlencode()
        buttons = [
            HeaderButton(
                label=label,
                url=f"{reverse('network_export', args=[name])}?{query}",
                icon_name="download",
                priority=60 + number,
            )
            for number, (name, label) in enumerate(
                (
                    ("csv", _("Exporter en CSV (à réimporter)")),
                    ("xlsx", _("Exporter en XLSX (à réimporter)")),
                    ("geojson", _("Exporter en GeoJSON")),
                    ("data-inclusion", _("Exporter en data.inclusion")),
                )
            )
        ]
        if admin_views.may_import(self.request.user):
            buttons.append(
                HeaderButton(
                    label=_("Importer un tableau"),
                    url=reverse("network_import"),
                    icon_name="upload",
                    priority=50,
                )
            )
        return [*super().header_more_buttons, *buttons]


class StructureViewSet(SnippetViewSet):
    model = Structure
    icon = "site"
    menu_label = _("Structures")
    index_view_class = StructureIndexView
    copy_view_class = MarkingCopyView
    list_display: ClassVar[list[Any]] = [
        "name",
        StandingColumn(),
        Column(
            "structure_type",
            label=_("Type"),
            sort_key="structure_type__label",
            classname="list-detail",
        ),
        Column("department", label=_("Département"), sort_key="department__code"),
        BooleanColumn(
            "is_confidential",
            label=_("Confidentielle"),
            sort_key="is_confidential",
            classname="list-detail",
        ),
        DateColumn(
            "verified_on",
            label=_("Vérifiée le"),
            sort_key="verified_on",
            classname="list-detail",
        ),
    ]
    filterset_class = StructureFilterSet
    search_backend_name = None
    search_fields = ("name", "acronym", "external_id", "municipality", "postcode", "email")
    ordering = ("name",)
    list_per_page = 50
    select_related: ClassVar[list[str]] = ["structure_type", "department", "locale"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return Structure.objects.select_related("structure_type", "department")


@register_snippet
class NetworkGroup(SnippetViewSetGroup):
    """The menu « Réseau »."""

    items = (StructureViewSet,)
    menu_label = _("Réseau")
    menu_icon = "site"
    menu_order = 300

    def get_submenu_items(self) -> list[MenuItem]:
        """Add the imports, for those who may import."""
        return [
            *super().get_submenu_items(),
            ImportMenuItem(
                _("Importer"), reverse("network_import"), icon_name="upload", order=9999
            ),
            ExportsMenuItem(
                _("Exports"),
                reverse("structure_exports:index"),
                icon_name="download",
                order=10_000,
            ),
        ]


class StructureExportViewSet(ListOnlyViewSet):
    """The record of exports, read-only: who took which addresses, and why."""

    model = StructureExport
    name = "structure_exports"
    url_prefix = "reseau/exports"
    icon = "download"
    list_display: ClassVar[list[Any]] = [
        DateColumn("exported_at", label=_("Le")),
        "user",
        "count",
        "confidential_count",
        "reason",
        Column("file_format", label=_("Format"), classname="list-detail"),
        Column("filters", label=_("Filtres"), classname="list-detail"),
    ]
    list_filter: ClassVar[list[str]] = ["user"]


@hooks.register("register_admin_viewset")
def register_exports() -> StructureExportViewSet:
    """Add the list of exports."""
    return StructureExportViewSet()


@hooks.register("register_permissions")
def register_permissions() -> QuerySet[Permission]:
    """Register the permission to see the exports, for groups."""
    return Permission.objects.filter(
        content_type__app_label="network", content_type__model="structureexport"
    )


class ExportsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("network.view_structureexport"))


class ImportMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return admin_views.may_import(request.user)


@hooks.register("register_admin_urls")
def admin_urls() -> list[URLPattern]:
    """Add the addresses of imports and exports."""
    return [
        path("reseau/importer/", admin_views.upload, name="network_import"),
        path("reseau/importer/<int:pk>/", admin_views.preview, name="network_import_preview"),
        path("reseau/exporter/<str:name>/", admin_views.export, name="network_export"),
    ]


@hooks.register("register_bulk_action")
class VerifyBulkAction(SnippetBulkAction):
    """Set the verification date of entries to today."""

    models: ClassVar[list[type]] = [Structure]
    display_name = _("Marquer vérifiée")
    aria_label = _("Marquer les structures choisies comme vérifiées aujourd'hui")
    action_type = "verify"
    template_name = "network/admin/confirm_verify.html"
    action_priority = 10

    def check_perm(self, snippet: Structure) -> bool:
        user = self.request.user
        return bool(user.has_perm(EDIT)) and not snippet.locked

    @classmethod
    def execute_action(
        cls, objects: list[Structure], user: Any = None, **kwargs: Any
    ) -> tuple[int, int]:
        return verification.mark_verified(objects, user=user), 0

    def get_execution_context(self) -> dict[str, Any]:
        return {"user": self.request.user}

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> Any:
        return _("%(count)d fiches notées comme vérifiées.") % {"count": num_parent_objects}


@hooks.register("register_bulk_action")
class ExportBulkAction(SnippetBulkAction):
    """Export the structures chosen, as a table that can be imported again."""

    models: ClassVar[list[type]] = [Structure]
    display_name = _("Exporter")
    aria_label = _("Exporter les structures choisies en CSV")
    action_type = "export"
    template_name = "network/admin/confirm_verify.html"
    action_priority = 20

    def check_perm(self, snippet: Structure) -> bool:
        return bool(self.request.user.has_perm(EDIT))

    def get(self, request: HttpRequest) -> HttpResponse:
        """Return the file at once: nothing is changed, so nothing is confirmed."""
        chosen, _others = self.get_actionable_objects()
        query = urlencode([("id", structure.pk) for structure in chosen])
        return redirect(f"{reverse('network_export', args=['csv'])}?{query}")


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Register the labels of our actions in the history."""
    actions.register_action(verification.ACTION, _("Vérifier"), _("Fiche vérifiée"))
    actions.register_action(writer.ACTION, _("Importer"), _("Écrite par un import"))
    actions.register_action(
        "network.correct", _("Corriger"), _("Correction reçue de la structure, à relire")
    )
