"""How often something was read, in the panel of the status beside its editor."""

from __future__ import annotations

from typing import Any

from django.db.models import Sum
from django.urls import reverse

from core.compat.admin import StatusSidePanel
from figures.models import DailyTotal
from figures.periods import last_days
from figures.things import counted_as

VIEW_FIGURES = "figures.view_dailytotal"


def patch_wagtail_status_panel() -> None:
    """Patch Wagtail to lead from an editor to the figures: no hook adds to its panels."""
    get_context = StatusSidePanel.get_context_data

    def get_context_data(self: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = get_context(self, parent_context)
        return context | figures_of(self.object, self.request.user)

    StatusSidePanel.get_context_data = get_context_data


def figures_of(thing: Any, user: Any) -> dict[str, Any]:
    """Return how often a page or a structure was read lately, and where its figures are."""
    counted = counted_as(thing) if thing.pk else None
    if counted is None or not user.has_perm(VIEW_FIGURES):
        return {}
    period = last_days()
    rows = DailyTotal.objects.filter(counted=counted, thing_id=thing.pk, day__gte=period.start)
    return {
        "figures_url": reverse("figures_thing", args=[counted, thing.pk]),
        "times_read": rows.aggregate(sum=Sum("total"))["sum"] or 0,
    }
