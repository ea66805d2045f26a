"""« E-mails à envoyer »: what waits, what was refused and why, what left."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import MultipleChoiceFilter
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.widgets.button import Button

from core.admin.bulk_actions import ChoosableRowsMixin, title_id
from core.admin.viewsets import ListOnlyViewSet
from core.templatetags.typography import typo
from outbox.labels import kind_choices, label_of, path_of
from outbox.models import OutgoingEmail
from outbox.reasons import describe_state

if TYPE_CHECKING:
    from django.db.models import QuerySet

VIEW_EMAILS = "outbox.view_outgoingemail"
CHANGE_EMAILS = "outbox.change_outgoingemail"
State = OutgoingEmail.State


def list_path(**filters: Any) -> str:
    """Return where letters are listed: all, or those of some states."""
    query = urlencode(filters, doseq=True)
    return reverse("outbox:index") + (f"?{query}" if query else "")


class EmailFilterSet(WagtailFilterSet):
    """In which state, and of which kind."""

    state = MultipleChoiceFilter(label=gettext_lazy("État"), choices=State.choices)
    kind = MultipleChoiceFilter(label=gettext_lazy("Nature"), choices=kind_choices)

    class Meta:
        model = OutgoingEmail
        fields: ClassVar[list[str]] = []


class KindColumn(TitleColumn):
    """What a letter is, and its address."""

    cell_template_name = "outbox/admin/kind_cell.html"


def _state_and_reason(email: OutgoingEmail) -> str:
    return typo(" : ".join(filter(None, (email.get_state_display(), describe_state(email)))))


class EmailIndexView(ChoosableRowsMixin, IndexView):
    """The letters, latest first."""

    page_title = gettext_lazy("E-mails à envoyer")
    bulk_permission = CHANGE_EMAILS

    def get_base_queryset(self) -> QuerySet[OutgoingEmail]:
        return OutgoingEmail.objects.defer("html", "headers", "attachments")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add how many there are in each state."""
        return super().get_context_data(**kwargs) | {"counts": describe_counts()}

    def _get_title_column(self, field_name: str, column_class: Any = KindColumn) -> Any:
        column = super()._get_title_column(
            field_name, column_class, classname="list-title", get_title_id=title_id
        )
        column.accessor = lambda email: label_of(email.kind)
        return column

    def get_edit_url(self, instance: OutgoingEmail) -> str | None:
        """Return where that which a letter is about is seen: there one corrects an address."""
        if instance.thing_type_id is None or instance.thing_id is None:
            return None
        model = ContentType.objects.get_for_id(instance.thing_type_id)
        return path_of(f"{model.app_label}.{model.model}", instance.thing_id)

    def get_list_more_buttons(self, instance: OutgoingEmail) -> list[Button]:
        """Return what this person may do with a letter."""
        if not self.may_choose_rows or why_not_again(instance):
            return []
        query = urlencode({"id": instance.pk, "next": self.request.get_full_path()})
        url = reverse("wagtail_bulk_action", args=["outbox", "outgoingemail", "send_again"])
        label = _("Essayer à nouveau")
        return [Button(label, url=f"{url}?{query}", icon_name="rotate", priority=10)]


def describe_counts() -> str:
    """Return how many letters there are in each state, in words."""
    rows = OutgoingEmail.objects.order_by().values("state").annotate(count=Count("pk"))
    counts = Counter({row["state"]: row["count"] for row in rows})
    return _(
        "À envoyer : %(waiting)s. Refusés : %(refused)s. Abandonnés : %(failed)s. "
        "Partis : %(sent)s."
    ) % {
        "waiting": counts[State.WAITING] + counts[State.CLAIMED],
        "refused": counts[State.REFUSED],
        "failed": counts[State.FAILED],
        "sent": counts[State.SENT],
    }


def why_not_again(email: OutgoingEmail) -> str:
    """Return why a letter can't be tried now; nothing if it can."""
    match email.state:
        case State.SENT:
            return _("il est déjà parti.")
        case State.CLAIMED:
            return _("il est en train de partir.")
        case State.CANCELLED:
            return _("il est annulé.")
    return "" if email.has_texts else _("son texte est effacé : il ne peut plus partir.")


class EmailViewSet(ListOnlyViewSet):
    """Letters are written by what they announce: here they are only looked after."""

    model = OutgoingEmail
    name = "outbox"
    url_prefix = "e-mails"
    icon = "mail"
    menu_label = gettext_lazy("E-mails à envoyer")
    menu_hook = "register_reports_menu_item"
    menu_order = 1300
    index_view_class = EmailIndexView
    index_template_name = "core/admin/choosable_list.html"
    index_results_template_name = "core/admin/counted_results.html"
    filterset_class = EmailFilterSet
    search_fields = ("address",)
    search_backend_name = None
    add_to_reference_index = False
    list_per_page = 50
    list_display: ClassVar[list[Any]] = [
        "kind",
        Column("state", label=gettext_lazy("État"), sort_key="state", accessor=_state_and_reason),
        Column("error", label=gettext_lazy("Réponse du serveur"), classname="list-context"),
        Column(
            "attempts", label=gettext_lazy("Essais"), sort_key="attempts", classname="list-detail"
        ),
        DateColumn(
            "created_at",
            label=gettext_lazy("Écrit"),
            sort_key="created_at",
            classname="list-detail",
        ),
    ]
