"""How the team sees its subscribers: a list to search, to export and to import into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import transaction
from django.forms import CheckboxSelectMultiple
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import ChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic import CreateView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton

from core.admin.viewsets import ListOnlyViewSet
from core.spreadsheets.writer import ExportIndexView
from newsletter.admin.importing import import_subscribers
from newsletter.forms import SubscriberAdminForm
from newsletter.models import Consent, ExportLog, Segment, Subscriber, Suppression
from newsletter.models.subscribers import digest_of

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpResponse
    from django.urls import URLPattern


class SubscriberFilterSet(WagtailFilterSet):
    way = ChoiceFilter(
        label=gettext_lazy("Origine du consentement"),
        choices=Consent.Way.choices,
        method="filter_way",
    )

    def filter_way(self, rows: QuerySet[Subscriber], name: str, value: str) -> QuerySet[Subscriber]:
        found = Consent.objects.filter(way=value).values("subscriber")
        return rows.filter(pk__in=found)

    class Meta:
        model = Subscriber
        fields: ClassVar[list[str]] = [
            "state",
            "structure_type",
            "department",
            "themes",
            "language",
        ]


class SubscriberIndexView(ExportIndexView):
    """The list of subscribers, whose exports are logged."""

    def get_base_queryset(self) -> QuerySet[Subscriber]:
        return Subscriber.objects.exclude(state=Subscriber.State.ERASED).select_related(
            "structure_type", "department"
        )

    @property
    def header_buttons(self) -> list[Any]:
        buttons = list(super().header_buttons)
        if self.request.user.has_perm("newsletter.add_subscriber"):
            buttons.append(
                HeaderButton(
                    _("Importer une liste"),
                    url=reverse("subscribers:import"),
                    icon_name="upload",
                )
            )
        return buttons

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Log an export before it is sent."""
        if self.is_export:
            asked = self.request.GET.copy()
            asked.pop("export", None)
            ExportLog.objects.create(
                user=self.request.user,
                count=self.get_queryset().count(),
                file_format=self.request.GET["export"],
                filters=asked.urlencode()[:500],
            )
        return super().render_to_response(context, **kwargs)


class SubscriberCreateView(CreateView):
    def save_instance(self) -> Subscriber:
        """Save a person who agreed elsewhere, with the source of that consent."""
        now = timezone.now()
        with transaction.atomic():
            subscriber: Subscriber = self.form.save(commit=False)
            subscriber.state, subscriber.confirmed_at = Subscriber.State.ACTIVE, now
            subscriber.save()
            self.form.save_m2m()
            subscriber.consents.create(
                way=Consent.Way.ADMIN,
                source=self.form.cleaned_data["consent_source"],
                confirmed_at=now,
            )
            Suppression.objects.filter(digest=digest_of(subscriber.email)).delete()
        return subscriber


class SubscriberViewSet(ModelViewSet):
    model = Subscriber
    name = "subscribers"
    url_prefix = "lettre/abonnes"
    icon = "group"
    menu_label = gettext_lazy("Abonné·es")
    index_view_class = SubscriberIndexView
    add_view_class = SubscriberCreateView
    filterset_class = SubscriberFilterSet
    search_fields = ("email", "first_name", "last_name", "structure_name")
    add_to_reference_index = False
    copy_view_enabled = False
    inspect_view_enabled = True
    list_per_page = 50
    inspect_view_fields: ClassVar[list[str]] = [
        "email",
        "state",
        "role",
        "first_name",
        "last_name",
        "structure_name",
        "structure_type",
        "department",
        "themes",
        "language",
        "consents",
        "created_at",
        "confirmed_at",
        "paused_until",
        "left_at",
        "left_reason",
    ]
    list_display: ClassVar[list[Any]] = [
        "email",
        Column("name", label=gettext_lazy("Nom"), sort_key="last_name"),
        Column(
            "structure_name",
            label=gettext_lazy("Travaille pour"),
            sort_key="structure_name",
            classname="list-context",
        ),
        Column(
            "structure_type",
            label=gettext_lazy("Type de structure"),
            sort_key="structure_type__label",
            classname="list-detail",
        ),
        Column(
            "department",
            label=gettext_lazy("Département"),
            sort_key="department__code",
            classname="list-detail",
        ),
        Column(
            "state",
            label=gettext_lazy("État"),
            accessor=lambda subscriber: subscriber.get_state_display(),
            sort_key="state",
        ),
        DateColumn(
            "created_at",
            label=gettext_lazy("Ajouté·e"),
            sort_key="created_at",
            classname="list-detail",
        ),
    ]
    list_export: ClassVar[list[str]] = [
        "email",
        "get_state_display",
        "get_role_display",
        "first_name",
        "last_name",
        "structure_name",
        "structure_type",
        "department",
        "language",
        "created_at",
        "confirmed_at",
        "left_at",
    ]
    export_headings: ClassVar[dict[str, Any]] = {
        "get_state_display": gettext_lazy("État"),
        "get_role_display": gettext_lazy("Vous êtes"),
    }
    export_filename = "abonnes"

    def get_form_class(self, for_update: bool = False) -> type[SubscriberAdminForm]:
        return SubscriberAdminForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [*super().get_urlpatterns(), path("importer/", import_subscribers, name="import")]


class SegmentViewSet(ModelViewSet):
    model = Segment
    name = "segments"
    url_prefix = "lettre/groupes"
    icon = "tag"
    menu_label = gettext_lazy("Groupes")
    copy_view_enabled = False
    search_fields = ("name",)
    panels: ClassVar[list[Any]] = [
        FieldPanel("name"),
        MultiFieldPanel(
            [
                FieldPanel("structure_types", widget=CheckboxSelectMultiple),
                FieldPanel("departments"),
                FieldPanel("themes", widget=CheckboxSelectMultiple),
                FieldPanel("language"),
            ],
            heading=gettext_lazy("Qui en fait partie"),
            help_text=gettext_lazy(
                "L'une des valeurs d'un critère, tous les critères à la fois. Un critère vide ne "
                "limite rien."
            ),
        ),
    ]
    list_display: ClassVar[list[Any]] = [
        "name",
        Column(
            "count",
            label=gettext_lazy("Reçoivent aujourd'hui"),
            accessor=lambda segment: segment.subscribers().count(),
        ),
    ]


class ExportLogViewSet(ListOnlyViewSet):
    """The log of exports, read-only."""

    model = ExportLog
    name = "subscriber_exports"
    url_prefix = "lettre/exports"
    icon = "download"
    menu_label = gettext_lazy("Exports")
    list_display: ClassVar[list[Any]] = [
        DateColumn("exported_at", label=gettext_lazy("Le")),
        "user",
        "count",
        "file_format",
        "filters",
    ]
    list_filter: ClassVar[list[str]] = ["user"]
