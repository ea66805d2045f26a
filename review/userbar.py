"""What the bar of editors has on our site, beside Wagtail's own."""

from __future__ import annotations

from typing import Any, ClassVar

from wagtail.admin.userbar import BaseItem, ContentCheckerItem

from core.compat.admin import AdminURLFinder


class EditSnippetItem(BaseItem):
    """Leads from what is no page to its editor, for those who may edit it."""

    template_name = "review/admin/userbar_edit.html"

    def __init__(self, shown: Any) -> None:
        super().__init__()
        self.shown = shown

    def render_html(self, parent_context: Any = None) -> str:
        """Return the link, or nothing."""
        context = parent_context or {}
        request = context["request"]
        if getattr(request, "is_preview", False):
            return ""
        self.edit_url = AdminURLFinder(request.user).get_edit_url(self.shown)
        return super().render_html(context) if self.edit_url else ""


class SiteChecks(ContentCheckerItem):
    """Wagtail's checks of contents, and pictures without any alternative text."""

    axe_run_only: ClassVar[list[str]] = [*ContentCheckerItem.axe_run_only, "image-alt"]
