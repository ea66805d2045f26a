"""The reports of Wagtail, where they would fail on what an earlier release logged."""

from __future__ import annotations

from wagtail.log_actions import registry

from core.compat.admin import LogEntriesView


def patch_wagtail_reports() -> None:
    """Patch Wagtail to export actions that no app registers any more, under their names."""
    get_registered_label = LogEntriesView.get_action_label

    def get_action_label(self: LogEntriesView, action: str) -> str:
        if not registry.action_exists(action):
            return action
        label: str = get_registered_label(self, action)
        return label

    LogEntriesView.get_action_label = get_action_label
