"""Names of Wagtail's administration that no documentation promises."""

from wagtail.admin.action_menu import PageActionMenu
from wagtail.admin.forms.account import AvatarPreferencesForm
from wagtail.admin.views.account import AvatarSettingsPanel
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.admin.views.reports.audit_logging import LogEntriesView
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import policy_registry, register_permission_policy
from wagtail.snippets.action_menu import SnippetActionMenu
from wagtail.snippets.side_panels import SnippetStatusSidePanel

__all__ = [
    "AvatarPreferencesForm",
    "AvatarSettingsPanel",
    "LogEntriesView",
    "PageActionMenu",
    "PagePermissionPolicy",
    "SnippetActionMenu",
    "SnippetStatusSidePanel",
    "SpreadsheetExportMixin",
    "policy_registry",
    "register_permission_policy",
]
