"""Columns of the administration: where things stand, and what the ledger has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import BaseColumn, Column

from core.compat.admin import PageStatusColumn
from core.registry import find_schema
from published.states import State, states_of

if TYPE_CHECKING:
    from django.db.models import Model


class StandingColumn(BaseColumn):
    """What the public reads of each row, what is only in its draft, and what waits."""

    cell_template_name = "published/admin/standing_cell.html"

    def __init__(self, name: str = "standing", **kwargs: Any) -> None:
        super().__init__(name, **{"label": _("En ligne"), "sort_key": "live", **kwargs})

    def get_cell_context_data(self, instance: Model, parent_context: Any) -> dict[str, Any]:
        """Add where the row stands."""
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        return context | {"state": state_in(parent_context["table"], instance)}


def state_in(table: Any, instance: Model) -> State | None:
    """Return where a row of a table stands; those of all its rows are looked up together."""
    if not hasattr(table, "states"):
        table.states = states_of(
            row for row in table.data if row.pk and find_schema(type(row)) is not None
        )
    state: State | None = table.states.get(instance)
    return state


def patch_wagtail_page_lists() -> None:
    """Patch Wagtail to show in lists of pages what the public reads: it goes by live rows."""
    get_context = PageStatusColumn.get_cell_context_data

    def get_cell_context_data(self: Any, instance: Model, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = get_context(self, instance, parent_context)
        return context | {"state": state_in(parent_context["table"], instance)}

    PageStatusColumn.get_cell_context_data = get_cell_context_data
    PageStatusColumn.cell_template_name = StandingColumn.cell_template_name


class EventColumn(Column):
    """What happened, and when."""

    cell_template_name = "published/admin/event_cell.html"


class ChangesColumn(Column):
    """What changed, with the comparison of both versions."""

    cell_template_name = "published/admin/changes_cell.html"


class PeopleColumn(Column):
    """Who did something, and who approved it."""

    cell_template_name = "published/admin/people_cell.html"


def ledger_columns() -> list[Column]:
    """Return the columns of the ledger, whose rows have each theirs of :mod:`published.history`."""
    return [
        EventColumn("event", label=_("Acte"), accessor="row"),
        ChangesColumn("changes", label=_("Ce qui a changé"), accessor="row"),
        PeopleColumn("people", label=_("Par"), accessor="row"),
        Column("why", label=_("Pourquoi"), accessor="row.why"),
    ]
