"""The ledger in the administration: that of a page or snippet, and that of the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import django_filters
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.forms import CheckboxSelectMultiple
from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.admin.filters import (
    DateRangePickerWidget,
    MultipleContentTypeFilter,
    MultipleUserFilter,
    WagtailFilterSet,
)
from wagtail.admin.ui.tables import TitleColumn
from wagtail.admin.views.generic import BaseListingView, RevisionsCompareView
from wagtail.admin.views.reports import ReportView
from wagtail.admin.widgets import HeaderButton

from core.compat.admin import AdminURLFinder
from core.models import User
from core.registry import registered_models
from core.spreadsheets.writer import ExcelCSVMixin
from published.columns import ledger_columns
from published.history import EVENTS, Event, Row, entries, entries_of, rows_of
from published.models import LedgerEntry
from published.queries import item_of
from published.rebuilding import thing_as_admitted
from published.states import can_be_public
from published.titles import titled, titles_of
from review.addresses import compare_path, edit_path
from review.admin_views import content_or_404
from review.models.wording import title_of
from review.rights import may_edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.db.models import Model, Q, QuerySet
    from django.http import HttpRequest

    from published.models import Item

RESULTS = "published/admin/ledger_results.html"
BATCH_SIZE = 200
"""How many entries of an export are read at once."""


@dataclass(frozen=True)
class Line:
    """A row of the ledger on a screen, with the name of its thing and the links of its reader."""

    row: Row
    title: str = ""
    is_gone: bool = False
    edit_url: str = ""
    compare_url: str = ""

    @property
    def kind(self) -> str:
        """What the thing is."""
        model = self.row.model
        return str(capfirst(model._meta.verbose_name)) if model else self.row.entry.kind


def ledger_path(thing: Any) -> str:
    """Return the path of the ledger of a page, of its specific type, or a snippet."""
    return reverse("published_ledger", args=[_type_key(thing), thing.pk])


def compare_public_path(thing: Any) -> str:
    """Return the path at which what the public reads is compared with the draft."""
    return reverse("published_compare", args=[_type_key(thing), thing.pk])


def _type_key(thing: Any) -> int:
    return ContentType.objects.get_for_model(thing).pk


class ThingMixin:
    """A screen of something that may be public, for those who may edit it."""

    request: HttpRequest

    def find_thing(self, type_pk: int, pk: int) -> Any:
        """Return the page or snippet.

        Raises:
            Http404: there is none that can be public.
            PermissionDenied: this person may not edit it.
        """
        thing = content_or_404(type_pk, str(pk))
        if not can_be_public(thing):
            raise Http404
        if not isinstance(self.request.user, User) or not may_edit(thing, self.request.user):
            raise PermissionDenied
        return thing


class LedgerView(ThingMixin, BaseListingView):
    """The ledger of a page or snippet."""

    page_title = gettext_lazy("Registre")
    results_template_name = RESULTS
    header_icon = "list-ul"
    paginate_by = 20

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.thing = self.find_thing(kwargs["type_pk"], kwargs["pk"])

    @cached_property
    def columns(self) -> Sequence[Any]:
        return ledger_columns()

    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(label=_("Modifier"), url=self.edit_url, icon_name="edit")]

    @property
    def edit_url(self) -> str:
        return edit_path(type(self.thing), self.thing.pk)

    def get_page_subtitle(self) -> str:
        return title_of(self.thing)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        edit = {"url": self.edit_url, "label": self.get_page_subtitle()}
        here = {"url": "", "label": self.page_title, "sublabel": self.get_page_subtitle()}
        return [*self.breadcrumbs_items, edit, here]

    def get_index_url(self) -> str:
        return ledger_path(self.thing)

    def get_base_queryset(self) -> QuerySet[LedgerEntry]:
        return entries_of(self.thing)

    def get_table(self, object_list: Sequence[Any]) -> Any:
        model = type(self.thing)
        return super().get_table(
            [Line(row, compare_url=_compare_url(model, row)) for row in rows_of(object_list)]
        )


def _compare_url(model: Any, row: Row) -> str:
    if row.revisions is None:
        return ""
    return compare_path(model, row.entry.thing_id, *row.revisions)


class PublicComparisonView(ThingMixin, RevisionsCompareView):
    """What the public reads, compared with the latest draft."""

    page_title = gettext_lazy("Ce que lit le public, et le brouillon")
    header_icon = "view"
    item: Item

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        self.type_pk = kwargs["type_pk"]
        super().setup(request, kwargs["pk"], "public", "draft")

    def get_object(self, queryset: Any = None) -> Any:
        """Return the page or snippet.

        Raises:
            Http404: it was never public.
        """
        thing = self.find_thing(self.type_pk, self.pk)
        item = item_of(thing)
        if item is None or item.is_alias:
            raise Http404
        self.item = item
        return thing

    def get_page_subtitle(self) -> str:
        return title_of(self.object)

    def get_edit_handler(self) -> Any:
        return self.object.get_edit_handler()

    def get_edit_url(self) -> str:
        return edit_path(type(self.object), self.object.pk)

    def get_history_url(self) -> str:
        return ledger_path(self.object)

    history_label = gettext_lazy("Registre")

    def _get_revision_and_heading(self, revision_id: str) -> tuple[Any, str]:
        if revision_id == "public":
            return thing_as_admitted(self.item), _("Ce que lit le public")
        revision = self.object.get_latest_revision()
        return revision.as_object() if revision else self.object, _("Le brouillon")


def _public_types() -> QuerySet[ContentType]:
    types = ContentType.objects.get_for_models(*registered_models()).values()
    return ContentType.objects.filter(pk__in=[each.pk for each in types]).order_by("model")


class LedgerFilterSet(WagtailFilterSet):
    """Who did what, of which kind of thing, and when."""

    at = django_filters.DateFromToRangeFilter(
        label=gettext_lazy("Période"), widget=DateRangePickerWidget
    )
    event = django_filters.MultipleChoiceFilter(
        label=gettext_lazy("Acte"),
        choices=Event.choices,
        method="filter_events",
        widget=CheckboxSelectMultiple,
    )
    content_type = MultipleContentTypeFilter(
        label=gettext_lazy("Nature"),
        queryset=lambda _request: _public_types(),
        widget=CheckboxSelectMultiple,
    )
    user = MultipleUserFilter(
        label=gettext_lazy("Personne"),
        queryset=lambda _request: User.objects.filter(
            pk__in=LedgerEntry.objects.order_by().values("user")
        ).order_by("last_name", "username"),
        widget=CheckboxSelectMultiple,
    )

    class Meta:
        model = LedgerEntry
        fields: ClassVar[list[str]] = []

    def filter_events(
        self, queryset: QuerySet[LedgerEntry], _name: str, values: list[str]
    ) -> QuerySet[LedgerEntry]:
        """Filter what happened; nothing chosen is everything."""
        if not values:
            return queryset
        wanted: Q = EVENTS[values[0]]
        for value in values[1:]:
            wanted |= EVENTS[value]
        return queryset.filter(wanted)


class ThingColumn(TitleColumn):
    """The title of a thing, and what it is."""

    cell_template_name = "published/admin/thing_cell.html"


class LedgerReportView(ExcelCSVMixin, ReportView):
    """The ledger of the site, for those who have the right to view it."""

    model = LedgerEntry
    permission_required = "view"
    page_title = gettext_lazy("Registre des mises en ligne")
    results_template_name = RESULTS
    header_icon = "list-ul"
    index_url_name = "published_ledger_report"
    index_results_url_name = "published_ledger_report_results"
    filterset_class = LedgerFilterSet
    is_searchable = True

    list_export: ClassVar[list[str]] = [
        *("row.at", "row.event.label", "title", "kind", "row.changes"),
        *("row.by", "row.approved_by", "row.why"),
    ]
    export_headings: ClassVar[dict[str, Any]] = {
        "row.at": gettext_lazy("Quand"),
        "row.event.label": gettext_lazy("Acte"),
        "title": gettext_lazy("Titre"),
        "kind": gettext_lazy("Nature"),
        "row.changes": gettext_lazy("Ce qui a changé"),
        "row.by": gettext_lazy("Par"),
        "row.approved_by": gettext_lazy("Approuvé par"),
        "row.why": gettext_lazy("Pourquoi"),
    }

    @cached_property
    def columns(self) -> Sequence[Any]:
        title = ThingColumn(
            "title", label=_("Titre"), get_url=lambda line: line.edit_url, width="30%"
        )
        return [title, *ledger_columns()]

    def get_filename(self) -> str:
        return f"registre-{timezone.localdate()}"

    def get_base_queryset(self) -> QuerySet[LedgerEntry]:
        return entries()

    def search_queryset(self, queryset: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
        return titled(queryset, self.search_query) if self.is_searching else queryset

    def get_filtered_queryset(self) -> QuerySet[LedgerEntry]:
        found: QuerySet[LedgerEntry] = self.get_queryset()
        return found

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        return self._lines_in_batches(object_list) if self.is_export else object_list

    def get_table(self, object_list: Sequence[Any]) -> Any:
        return super().get_table([] if self.is_export else self.lines(object_list))

    def _lines_in_batches(self, found: Sequence[Any]) -> Iterator[Line]:
        for start in range(0, len(found), BATCH_SIZE):
            yield from self.lines(found[start : start + BATCH_SIZE])

    def lines(self, found: Iterable[Any]) -> list[Line]:
        """Return entries with titles, and on screens links for those who may follow them."""
        rows = rows_of(list(found))
        titles = titles_of(row.entry for row in rows)
        lines = []
        for row in rows:
            title, thing = titles[row.entry.content_type_id, row.entry.thing_id]
            edit_url = "" if self.is_export else self._edit_url(thing)
            lines.append(
                Line(
                    row,
                    title=title or _("Sans titre"),
                    is_gone=thing is None,
                    edit_url=edit_url,
                    compare_url=_compare_url(row.model, row) if edit_url else "",
                )
            )
        return lines

    def _edit_url(self, thing: Model | None) -> str:
        return self.finder.get_edit_url(thing) or "" if thing is not None else ""

    @cached_property
    def finder(self) -> AdminURLFinder:
        return AdminURLFinder(self.request.user)
