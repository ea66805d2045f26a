"""The reports of Wagtail, where they would fail on what an earlier release logged."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from wagtail.admin.views.reports.workflows import WorkflowView
from wagtail.log_actions import registry

from core.compat.admin import LogEntriesView


def patch_wagtail_reports() -> None:
    """Patch Wagtail to export actions that no app registers any more, under their names.

    Its report of reviews has a heading that nothing fills, in each row.
    """
    get_registered_label = LogEntriesView.get_action_label

    def get_action_label(self: LogEntriesView, action: str) -> str:
        if not registry.action_exists(action):
            return action
        label: str = get_registered_label(self, action)
        return label

    LogEntriesView.get_action_label = get_action_label

    get_context_data = WorkflowView.get_context_data

    def add_heading(self: WorkflowView, **kwargs: Any) -> dict[str, Any]:
        return {**get_context_data(self, **kwargs), "workflow_name": _("Étapes")}

    WorkflowView.get_context_data = add_heading
