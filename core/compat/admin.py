"""Names of Wagtail's administration that no documentation promises."""

from wagtail.admin import auth
from wagtail.admin.action_menu import PageActionMenu
from wagtail.admin.admin_url_finder import AdminURLFinder, ModelAdminURLFinder
from wagtail.admin.forms.account import AvatarPreferencesForm
from wagtail.admin.ui.side_panels import BaseSidePanel, PreviewSidePanel, StatusSidePanel
from wagtail.admin.ui.tables.pages import PageStatusColumn
from wagtail.admin.views import account as account_views
from wagtail.admin.views.account import AvatarSettingsPanel
from wagtail.admin.views.bulk_action.registry import bulk_action_registry
from wagtail.admin.views.generic.history import HistoryView
from wagtail.admin.views.home import WorkflowObjectsToModeratePanel
from wagtail.admin.views.mixins import SpreadsheetExportMixin
from wagtail.admin.views.pages.bulk_actions import PublishBulkAction
from wagtail.admin.views.pages.choose_parent import ChooseParentView
from wagtail.admin.views.pages.edit import EditView as PageEditView
from wagtail.admin.views.pages.usage import ContentTypeUseView
from wagtail.admin.views.reports.audit_logging import LogEntriesView
from wagtail.admin.widgets import chooser as chooser_widgets
from wagtail.permission_policies.pages import PagePermissionPolicy
from wagtail.permissions import policy_registry, register_permission_policy
from wagtail.snippets.action_menu import SnippetActionMenu
from wagtail.snippets.side_panels import SnippetStatusSidePanel
from wagtail.users.views.bulk_actions import AssignRoleBulkAction, SetActiveStateBulkAction
from wagtail.users.views.bulk_actions import DeleteBulkAction as DeleteUserBulkAction

__all__ = [
    "AdminURLFinder",
    "AssignRoleBulkAction",
    "AvatarPreferencesForm",
    "AvatarSettingsPanel",
    "BaseSidePanel",
    "ChooseParentView",
    "ContentTypeUseView",
    "DeleteUserBulkAction",
    "HistoryView",
    "LogEntriesView",
    "ModelAdminURLFinder",
    "PageActionMenu",
    "PageEditView",
    "PagePermissionPolicy",
    "PageStatusColumn",
    "PreviewSidePanel",
    "PublishBulkAction",
    "SetActiveStateBulkAction",
    "SnippetActionMenu",
    "SnippetStatusSidePanel",
    "SpreadsheetExportMixin",
    "StatusSidePanel",
    "WorkflowObjectsToModeratePanel",
    "account_views",
    "auth",
    "bulk_action_registry",
    "chooser_widgets",
    "policy_registry",
    "register_permission_policy",
]
