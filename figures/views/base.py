"""What every screen of the figures has: its right, its period, its table and its exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.reports import ReportView

from core.compat.admin import AdminURLFinder
from core.spreadsheets.writer import ExcelCSVMixin
from figures.models import DailyTotal
from figures.periods import PeriodForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.http import HttpRequest
    from django_stubs_ext import StrOrPromise

    from figures.periods import Period

LANGUAGES = dict(settings.LANGUAGES)
BATCH_SIZE = 500
"""How many rows of an export are looked up at once."""


class NumberColumn(Column):
    """A number, with its thousands apart."""

    cell_template_name = "figures/admin/number_cell.html"

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(name, classname="figures-number", **kwargs)


class ActColumn(TitleColumn):
    """What a row is about, as a link to where something can be done about it."""

    cell_template_name = "figures/admin/act_cell.html"

    def __init__(self, name: str = "title", **kwargs: Any) -> None:
        super().__init__(name, get_url=lambda line: line.url, **kwargs)


class FiguresView(ExcelCSVMixin, ReportView):
    """A table for those who may see the figures, with its exports as CSV and XLSX."""

    request: HttpRequest
    model = DailyTotal
    permission_required = "view"
    template_name = "figures/admin/report.html"
    results_template_name = "figures/admin/results.html"
    header_icon = "view"
    has_period: ClassVar[bool] = False
    default_period: ClassVar[str] = "30j"
    explanation: ClassVar[StrOrPromise] = ""
    no_results_message = _("Il n'y en a pas.")
    columns: ClassVar[list[Column]] = []
    filename: ClassVar[str]

    @cached_property
    def period_form(self) -> PeriodForm:
        # So that the choice that is shown is the one that counts.
        data = self.request.GET.copy()
        data.setdefault("periode", self.default_period)
        return PeriodForm(data)

    @cached_property
    def period(self) -> Period:
        return self.period_form.period

    @property
    def list_export(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def export_headings(self) -> dict[str, Any]:
        return {column.name: column.label for column in self.columns}

    def get_filename(self) -> str:
        if self.has_period:
            return f"{self.filename}-{self.period.start}-{self.period.end}"
        return f"{self.filename}-{timezone.localdate()}"

    @cached_property
    def finder(self) -> AdminURLFinder:
        return AdminURLFinder(self.request.user)

    def edit_url(self, row: Any) -> str:
        """Return where this person may edit something, nothing if nowhere."""
        return (self.finder.get_edit_url(row) or "") if row is not None else ""

    def lines(self, found: Sequence[Any]) -> Iterable[Any]:
        """Return the rows of a table, or of an export, from what was found."""
        return found

    def get_filtered_queryset(self) -> Any:
        return self.get_queryset()

    def get_table(self, object_list: Sequence[Any]) -> Any:
        return super().get_table([] if self.is_export else list(self.lines(object_list)))

    def decorate_paginated_queryset(self, object_list: Any) -> Any:
        return self._lines_in_batches(object_list) if self.is_export else object_list

    def _lines_in_batches(self, found: Any) -> Iterable[Any]:
        for start in range(0, len(found), BATCH_SIZE):
            yield from self.lines(found[start : start + BATCH_SIZE])

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        context["explanation"] = self.explanation
        if self.has_period:
            context |= {"period_form": self.period_form, "period": self.period}
        return context
