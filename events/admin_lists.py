"""The lists of sessions and of people, and what may be done with one of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Count, Q
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import ChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.widgets.button import Button

from core.admin.bulk_actions import ChoosableRowsMixin, title_id
from core.admin.viewsets import ListOnlyViewSet
from core.spreadsheets.writer import ExportIndexView
from events import admin_views, person_views
from events.admin_rights import CHANGE_REGISTRATION, CHANGE_SESSION
from events.calendars import location_of
from events.models import Registration, Session
from events.schemas import availability_label, format_when

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.urls import URLPattern

    from events.models.sessions import SessionQuerySet


class SessionFilterSet(WagtailFilterSet):
    when = ChoiceFilter(
        label=gettext_lazy("Période"),
        choices=[("upcoming", gettext_lazy("À venir")), ("past", gettext_lazy("Passées"))],
        method="filter_when",
    )

    def filter_when(self, rows: QuerySet[Session], name: str, value: str) -> QuerySet[Session]:
        if value == "upcoming":
            return rows.filter(ends_at__gt=timezone.now())
        return rows.filter(ends_at__lte=timezone.now())

    class Meta:
        model = Session
        fields: ClassVar[list[str]] = ["mode", "department"]


class SessionIndexView(IndexView):
    """The sessions, each with how many come and what can be done with it."""

    def get_base_queryset(self) -> QuerySet[Session]:
        return with_counts(Session.objects.select_related("page")).order_by("-starts_at")

    def get_edit_url(self, instance: Session) -> str:
        return admin_views.registrations_url(instance)

    def _get_title_column(self, field_name: str, column_class: Any = None, **kwargs: Any) -> Any:
        column = super()._get_title_column(field_name, classname="list-title", **kwargs)
        column.label = _("Événement")
        return column

    def get_list_more_buttons(self, instance: Session) -> list[Button]:
        """Return what this person may do with a session."""
        return session_buttons(instance, self.request.user)


def with_counts(sessions: SessionQuerySet) -> SessionQuerySet:
    """Annotate sessions with how many have a seat and how many wait for one."""
    waiting = Count("registrations", filter=Q(registrations__state="waiting"))
    return sessions.with_seats_taken().annotate(waiting_count=waiting)


def session_buttons(session: Session, user: Any) -> list[Button]:
    """Return what a user may do with a session."""
    buttons = []
    if user.has_perm(CHANGE_REGISTRATION):
        if session.has_attendance:
            buttons.append(_button(_("Cocher les présences"), "attendance", session, "tick", 10))
        buttons.append(_button(_("Écrire aux inscrits"), "write", session, "mail", 20))
    if user.has_perm(CHANGE_SESSION) and not (session.is_cancelled or session.is_past):
        buttons.append(_button(_("Annuler la session"), "cancel", session, "cross", 30))
    return buttons


def _button(label: str, name: str, session: Session, icon: str, priority: int) -> Button:
    url = reverse(f"event_sessions:{name}", args=[session.pk])
    return Button(label, url=url, icon_name=icon, priority=priority)


class SessionViewSet(ListOnlyViewSet):
    """Sessions are made by their pages: here they are only looked after."""

    model = Session
    name = "event_sessions"
    url_prefix = "inscriptions/sessions"
    icon = "calendar-alt"
    menu_label = gettext_lazy("Par session")
    index_view_class = SessionIndexView
    filterset_class = SessionFilterSet
    search_fields = ("page__title", "place")
    add_to_reference_index = False
    list_display: ClassVar[list[Any]] = [
        "page__title",
        Column(
            "when",
            label=gettext_lazy("Quand"),
            accessor=lambda session: format_when(session.starts_at, session.ends_at),
            sort_key="starts_at",
        ),
        Column("where", label=gettext_lazy("Où"), accessor=location_of, classname="list-context"),
        Column("seats_taken", label=gettext_lazy("Confirmées")),
        Column(
            "capacity",
            label=gettext_lazy("Places"),
            accessor=lambda session: session.capacity or "∞",
            classname="list-detail",
        ),
        Column("waiting_count", label=gettext_lazy("En attente")),
        Column(
            "availability",
            label=gettext_lazy("État"),
            accessor=lambda session: availability_label(session.availability()),
            classname="list-detail",
        ),
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the list, and what can be done with one of it."""
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/presences/", admin_views.attendance_page, name="attendance"),
            path("<int:pk>/ecrire/", admin_views.message_page, name="write"),
            path("<int:pk>/ecrire/lettre/", admin_views.message_letter, name="write_letter"),
            path("<int:pk>/annuler/", admin_views.cancellation_page, name="cancel"),
            path("<int:pk>/annuler/lettre/", admin_views.cancellation_letter, name="cancel_letter"),
        ]


class RegistrationIndexView(ChoosableRowsMixin, ExportIndexView):
    """Who registered, to look up, to filter and to export."""

    bulk_permission = CHANGE_REGISTRATION

    def get_base_queryset(self) -> QuerySet[Registration]:
        return Registration.objects.select_related("session__page", "structure_type", "department")

    @cached_property
    def session(self) -> Any:
        """The session whose people are listed, if they are of one."""
        chosen = self.request.GET.get("session", "")
        if not chosen.isdecimal():
            return None
        return with_counts(Session.objects.select_related("page")).filter(pk=chosen).first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the counts of the session of the list."""
        return super().get_context_data(**kwargs) | {"counts": self._describe_counts()}

    def _describe_counts(self) -> str:
        session = self.session
        if session is None:
            return ""
        return _("Confirmées : %(taken)s sur %(capacity)s. En attente : %(waiting)s.") % {
            "taken": session.seats_taken,
            "capacity": session.capacity or "∞",
            "waiting": session.waiting_count,
        }

    def get_edit_url(self, instance: Registration) -> str:
        return person_views.person_url(instance)

    def get_list_more_buttons(self, instance: Registration) -> list[Button]:
        return []

    def get_add_url(self) -> str | None:
        if not self.request.user.has_perm(CHANGE_REGISTRATION):
            return None
        session = f"?session={self.session.pk}" if self.session else ""
        return reverse("registrations:add") + session

    @cached_property
    def add_item_label(self) -> str:
        return _("Ajouter une personne")

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        """What may be done with the session of the list, before the exports."""
        own = session_buttons(self.session, self.request.user) if self.session else []
        return [*own, *super().header_more_buttons]


class RegistrationViewSet(ListOnlyViewSet):
    """Who comes: each row leads to a person."""

    model = Registration
    name = "registrations"
    url_prefix = "inscriptions/personnes"
    icon = "group"
    menu_label = gettext_lazy("Par personne")
    index_view_class = RegistrationIndexView
    index_template_name = "core/admin/choosable_list.html"
    index_results_template_name = "core/admin/counted_results.html"
    search_fields = ("name", "email", "structure")
    list_filter: ClassVar[list[str]] = [
        "session",
        "state",
        "has_attended",
        "structure_type",
        "department",
    ]
    add_to_reference_index = False
    list_per_page = 50
    list_display: ClassVar[list[Any]] = [
        TitleColumn(
            "name",
            label=gettext_lazy("Nom"),
            sort_key="name",
            url_name="registrations:person",
            get_title_id=title_id,
            classname="list-title",
        ),
        Column(
            "email", label=gettext_lazy("Adresse e-mail"), sort_key="email", classname="list-detail"
        ),
        Column(
            "structure",
            label=gettext_lazy("Structure"),
            sort_key="structure",
            classname="list-context",
        ),
        Column(
            "session",
            label=gettext_lazy("Session"),
            sort_key="session__starts_at",
            classname="list-detail",
        ),
        Column("get_state_display", label=gettext_lazy("État"), sort_key="state"),
        BooleanColumn("has_attended", label=gettext_lazy("Présence"), sort_key="has_attended"),
        DateColumn(
            "created_at",
            label=gettext_lazy("Demandée"),
            sort_key="created_at",
            classname="list-detail",
        ),
    ]
    list_export: ClassVar[list[str]] = [
        "name",
        "email",
        "structure",
        "structure_type",
        "department",
        "accessibility_needs",
        "session",
        "get_state_display",
        "has_attended",
        "created_at",
        "confirmed_at",
    ]
    export_headings: ClassVar[dict[str, Any]] = {"get_state_display": gettext_lazy("État")}
    export_filename = "inscriptions"

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the list, and what can be done with a person of it."""
        return [
            *super().get_urlpatterns(),
            path("ajouter/", person_views.add_page, name="add"),
            path("<int:pk>/", person_views.person_page, name="person"),
            path("<int:pk>/corriger/", person_views.correct_page, name="correct"),
            path("<int:pk>/confirmer/", person_views.confirm_page, name="confirm"),
            path("<int:pk>/place/", person_views.promote_page, name="promote"),
            path("<int:pk>/annuler/", person_views.cancel_page, name="cancel"),
        ]
