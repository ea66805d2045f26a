"""What the public reads, beside the editor: in the panel of the status, and in the preview's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.compat.admin import PreviewSidePanel, StatusSidePanel
from core.models import User
from published.describing import describe
from published.ledger_views import compare_public_path, ledger_path
from published.states import can_be_public, specific_of, state_of
from review.rights import may_edit

if TYPE_CHECKING:
    from django.http import HttpRequest

WAGTAILS_STATUS = "wagtailadmin/shared/side_panels/includes/status/workflow.html"
OUR_STATUS = "published/admin/status.html"


def patch_wagtail_side_panels() -> None:
    """Patch Wagtail to show what the public reads of what may be public.

    Its own status goes by the live row, and no hook adds to its panels.
    """
    get_templates = StatusSidePanel.get_status_templates
    get_status = StatusSidePanel.get_context_data
    get_preview = PreviewSidePanel.get_context_data

    def get_status_templates(self: Any, context: dict[str, Any]) -> list[str]:
        templates: list[str] = get_templates(self, context)
        if not _has_standing(self.object):
            return templates
        return [OUR_STATUS if name == WAGTAILS_STATUS else name for name in templates]

    def get_status_context(self: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = get_status(self, parent_context)
        return context | _status_context(self.object, self.request)

    def get_preview_context(self: Any, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = get_preview(self, parent_context)
        path = state_of(specific_of(self.object)).path if _has_standing(self.object) else ""
        return context | {"public_path": path}

    StatusSidePanel.get_status_templates = get_status_templates
    StatusSidePanel.get_context_data = get_status_context
    PreviewSidePanel.get_context_data = get_preview_context
    PreviewSidePanel.template_name = "published/admin/preview_panel.html"


def _has_standing(thing: Any) -> bool:
    return thing.pk is not None and can_be_public(specific_of(thing))


def _status_context(thing: Any, request: HttpRequest) -> dict[str, Any]:
    reader = request.user
    if not _has_standing(thing) or not isinstance(reader, User):
        return {}
    thing = specific_of(thing)
    description = describe(thing, reader)
    context = {"description": description, "ledger_url": "", "compare_url": ""}
    is_alias = getattr(thing, "alias_of_id", None) is not None
    # Others of the team may look at this panel above a list.
    if not is_alias and may_edit(thing, reader):
        context["ledger_url"] = ledger_path(thing)
        if description.is_changed:
            context["compare_url"] = compare_public_path(thing)
    return context
