"""Contributions in the admin: the inbox, the menus and the history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button
from wagtail.models import Page

from contributions import account_views, admin_views
from contributions.actions import NamedPeople
from contributions.admin_rights import CHANGE, VIEW
from contributions.bulk_actions import BULK_ACTIONS
from contributions.emails import reviewers
from contributions.kinds import ContributionKind
from contributions.models import Contribution, ContributionState
from contributions.next_steps import describe_next_steps
from core.admin.bulk_actions import ChoosableRowsMixin, title_id
from core.compat.admin import ModelAdminURLFinder
from core.models import User
from review.groups import is_partner
from review.working_days import working_days_ago

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.urls import URLPattern
    from wagtail.log_actions import LogActionRegistry

STATES = [choice for choice in ContributionState.choices if choice[0] != ContributionState.DRAFT]


for each in BULK_ACTIONS:
    hooks.register("register_bulk_action", each)


def team(request: HttpRequest) -> QuerySet[User]:
    """Return the users who may be assigned to a contribution."""
    return User.objects.filter(pk__in=[user.pk for user in reviewers()])


class PersonFilterField(NamedPeople, django_filters.fields.ModelChoiceField):
    """A person, or nobody."""

    def label_from_instance(self, obj: User | str) -> str:
        """Return the label of a person, or of nobody: Wagtail asks for it too."""
        return str(self.null_label) if isinstance(obj, str) else super().label_from_instance(obj)


class PersonFilter(django_filters.ModelChoiceFilter):
    """Filters by a person."""

    field_class = PersonFilterField


class InboxFilterSet(WagtailFilterSet):
    """The filters of the inbox."""

    state = django_filters.MultipleChoiceFilter(label=_("État"), choices=STATES)
    age = django_filters.ChoiceFilter(
        label=_("En attente"),
        method="filter_age",
        choices=[("5", _("Depuis 5 jours ouvrés ou plus")), ("10", _("Depuis 10 ou plus"))],
    )
    assignee = PersonFilter(label=_("Suivie par"), queryset=team, null_label=_("Personne"))

    class Meta:
        model = Contribution
        fields: ClassVar[list[str]] = ["state", "kind", "age", "assignee", "origin"]

    def filter_age(
        self, rows: QuerySet[Contribution], name: str, value: str
    ) -> QuerySet[Contribution]:
        """Filter by how many working days it has waited, closed ones left out."""
        limit = working_days_ago(int(value))
        return rows.filter(waiting_since__lte=limit, closed_at=None)


class InboxView(ChoosableRowsMixin, IndexView):
    """The inbox."""

    bulk_permission = CHANGE
    any_permission_required: ClassVar[list[str]] = ["view", "change"]

    def get_base_queryset(self) -> QuerySet[Contribution]:
        """Return the contributions that were sent."""
        rows: QuerySet[Contribution] = super().get_base_queryset()
        return rows.exclude(state=ContributionState.DRAFT).select_related("assignee")

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """Return the rows of a page, each with who is awaited."""
        paginator, page, rows, is_paginated = super().paginate_queryset(queryset, page_size)
        steps = describe_next_steps(rows)
        for row in rows:
            row.next_step = steps.get(row.pk, "")
        return paginator, page, rows, is_paginated

    def get_edit_url(self, instance: Contribution) -> str:
        return reverse("contribution:inspect", args=[instance.pk])

    def get_copy_url(self, instance: Contribution) -> None:
        return None

    def get_delete_url(self, instance: Contribution) -> None:
        return None

    def get_add_url(self) -> None:
        return None

    def get_list_more_buttons(self, instance: Contribution) -> list[Any]:
        return []


class ContributionURLFinder(ModelAdminURLFinder):
    """Where reports lead to from a contribution."""

    edit_url_name = "contribution:inspect"


class ContributionViewSet(ModelViewSet):
    """The menu « Contributions » of the team."""

    model = Contribution
    name = "contribution"
    url_prefix = "contributions"
    icon = "mail"
    menu_label = _("Contributions")
    menu_order = 150
    add_to_admin_menu = True
    index_view_class = InboxView
    index_template_name = "core/admin/choosable_list.html"
    url_finder_class = ContributionURLFinder
    copy_view_enabled = False
    add_to_reference_index = False
    form_fields: ClassVar[list[str]] = ["assignee"]
    list_display: ClassVar[list[Any]] = [
        TitleColumn(
            "name",
            label=_("Titre"),
            url_name="contribution:inspect",
            get_title_id=title_id,
            classname="list-title",
        ),
        Column(
            "kind",
            label=_("Nature"),
            accessor=lambda row: ContributionKind(row.kind).short_label,
            classname="list-detail",
        ),
        Column("get_state_display", label=_("État"), sort_key="state"),
        Column("next_step", label=_("En attente de")),
        Column(
            "structure_name",
            label=_("Structure"),
            sort_key="structure_name",
            classname="list-context",
        ),
        DateColumn(
            "received_at", label=_("Reçue"), sort_key="received_at", classname="list-detail"
        ),
        Column(
            "assignee",
            label=_("Suivie par"),
            accessor="assignee.display_name",
            sort_key="assignee__last_name",
            classname="list-detail",
        ),
    ]
    filterset_class = InboxFilterSet
    search_fields: ClassVar[list[str]] = ["title", "structure_name", "person_name", "text"]
    search_backend_name = None
    ordering: ClassVar[list[str]] = ["-received_at", "-pk"]
    list_per_page = 30

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses of the inbox, of a contribution and of its actions."""
        return [
            path("", self.index_view, name="index"),
            path("results/", self.index_results_view, name="index_results"),
            path("<int:pk>/", admin_views.inspect, name="inspect"),
            path("<int:pk>/fichiers/<uuid:file>/", admin_views.download, name="download"),
            path("<int:pk>/fichiers/<uuid:file>/apercu/", admin_views.preview, name="preview"),
            path("<int:pk>/<slug:action>/lettre/", admin_views.letter, name="letter"),
            path("<int:pk>/<slug:action>/", admin_views.act, name="act"),
        ]


@hooks.register("register_admin_viewset")
def register_inbox() -> ContributionViewSet:
    """Register the inbox."""
    return ContributionViewSet()


@hooks.register("register_admin_urls")
def register_own_urls() -> list[URLPattern]:
    """Register the pages of partners with an account."""
    return [
        path("mes-contributions/", account_views.mine, name="contributions_mine"),
        path("mes-contributions/<int:pk>/", account_views.write, name="contributions_write_own"),
        path(
            "mes-contributions/nouvelle/<slug:slug>/",
            account_views.write,
            name="contributions_write_new",
        ),
    ]


class OwnMenuItem(MenuItem):
    """« Mes contributions », for partners."""

    def is_shown(self, request: HttpRequest) -> bool:
        return is_partner(request.user)


@hooks.register("register_admin_menu_item")
def register_own_menu() -> MenuItem:
    """Register the menu of partners."""
    return OwnMenuItem(
        _("Mes contributions"), reverse("contributions_mine"), icon_name="mail", order=100
    )


@hooks.register("register_permissions")
def register_permissions() -> QuerySet[Permission]:
    """Register our permissions, for the screen of groups."""
    return Permission.objects.filter(
        content_type__app_label="contributions",
        codename__in=["view_contribution", "change_contribution", "contribute"],
    )


@hooks.register("register_page_header_buttons")
def add_way_to_contribution(
    page: Page, user: User, view_name: str, **kwargs: Any
) -> Iterator[Button]:
    """Add a link from a draft to the contribution that it was made of."""
    if not user.has_perm(VIEW):
        return
    kind = ContentType.objects.get_for_model(page.specific_class or Page)
    found = Contribution.objects.filter(draft_type=kind, draft_id=str(page.pk)).first()
    if found is not None:
        url = reverse("contribution:inspect", args=[found.pk])
        yield Button(_("Voir la contribution"), url=url, icon_name="mail", priority=4)


@hooks.register("register_log_actions")
def register_log_actions(actions: LogActionRegistry) -> None:
    """Register the labels of the events in the history."""
    for name, label in (
        ("draft", _("Brouillon préparé")),
        ("received", _("Reçue")),
        ("in_review", _("Prise en relecture")),
        ("changes_requested", _("Modifications demandées")),
        ("scheduled", _("Publication programmée")),
        ("published", _("Publiée")),
        ("accepted", _("Acceptée")),
        ("rejected", _("Refusée")),
        ("withdrawn", _("Retirée par le partenaire")),
        ("message", _("Message")),
        ("note", _("Note interne")),
        ("assign", _("Confiée")),
        ("revoke", _("Liens de suivi éteints")),
        ("download", _("Fichier ouvert")),
        ("file_refused", _("Fichier refusé")),
        ("anonymise", _("Anonymisée")),
    ):
        actions.register_action(f"contributions.{name}", label, label)
