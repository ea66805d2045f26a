"""The panel « Lecture attentive » beside the editor, for those who write and those who review."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import Model
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.models import TranslatableMixin
from wagtail.snippets.views.snippets import SnippetViewSet

from core.compat.admin import BaseSidePanel, PageEditView
from review.proofreading.findings import Topic
from review.proofreading.passages import Place
from review.proofreading.reading import read_draft, read_translation

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest
    from wagtail_localize.models import Translation

    from review.proofreading.findings import Finding


class ProofreadingSidePanel(BaseSidePanel):
    """What the reading of the saved draft found: advice, which refuses nothing."""

    class SidePanelToggle(BaseSidePanel.SidePanelToggle):
        aria_label = _("Ouvrir la lecture attentive")
        icon_name = "tasks"
        counter_classname = "w-bg-warning-100"

        def get_context_data(self, parent_context: Any) -> dict[str, Any]:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {"count": len(self.panel.findings)}

    name = "proofreading"
    title = _("Lecture attentive")
    template_name = "review/admin/proofreading.html"
    order = 340

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["css/proofreading.css"]}

    @cached_property
    def findings(self) -> list[Finding]:
        """The advice about the draft, read once."""
        return read_draft(self.object)

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(parent_context)
        groups = [
            (topic.label, [each for each in self.findings if each.topic is topic])
            for topic in Topic
        ]
        return context | {"groups": [group for group in groups if group[1]]}


class TranslationProofreadingSidePanel(ProofreadingSidePanel):
    """The same about the texts of a translation, in its own editor."""

    def __init__(self, translation: Translation, instance: Model, request: HttpRequest) -> None:
        super().__init__(instance, request)
        self.translation = translation

    @cached_property
    def findings(self) -> list[Finding]:
        """The advice about the texts as they are now: they are saved one by one."""
        found = read_translation(self.translation)
        # Its editor has no blocks to lead to.
        return [replace(each, place=each.place and Place(each.place.label)) for each in found]

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        return super().get_context_data(parent_context) | {"is_translation": True}


def patch_edit_views() -> None:
    """Patch Wagtail to show our panel: no hook adds one to an editor."""
    for view in (PageEditView, SnippetViewSet.edit_view_class):
        if not hasattr(view.get_side_panels, "__wrapped__"):
            view.get_side_panels = _with_ours(view.get_side_panels)


def is_read(thing: Model) -> bool:
    """Return whether the words of something are read: those of pages and structures."""
    return isinstance(thing, TranslatableMixin) and hasattr(thing, "get_latest_revision")


def _with_ours(get_side_panels: Callable[[Any], Any]) -> Callable[[Any], Any]:
    @wraps(get_side_panels)
    def get_all(self: Any) -> Any:
        panels = get_side_panels(self)
        thing = getattr(self, "page", None) or self.object
        if is_read(thing) and not getattr(self, "expects_json_response", False):
            panels.append(ProofreadingSidePanel(thing, self.request))
        return panels

    return get_all
