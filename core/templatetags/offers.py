"""Tags of the administration: what a screen offers to the person who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.apps import apps
from django.urls import reverse
from wagtail.admin.widgets.button import ListingButton

from core.admin.bulk_actions import explain_left_out, offered_bulk_actions
from core.compat.admin import AdminURLFinder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model

register = template.Library()


@register.inclusion_tag("wagtailadmin/shared/buttons.html", takes_context=True)
def bulk_action_buttons(
    context: dict[str, Any], app_label: str, model_name: str, objects: Iterable[Model] | None
) -> dict[str, Any]:
    """Return a button for each bulk action that the reader may take on something listed."""
    model = apps.get_model(app_label, model_name)
    # A list that is being put in order has no pages of its own.
    rows = context.get("object_list", ()) if objects is None else objects
    actions = offered_bulk_actions(context["request"], model, rows)
    return {
        "buttons": [
            ListingButton(
                action.display_name,
                reverse("wagtail_bulk_action", args=[app_label, model_name, action.action_type]),
                attrs={"aria-label": action.aria_label, "data-bulk-action-button": ""},
                priority=action.action_priority,
                classname=" ".join(sorted(action.classes | {"bulk-action-btn"})),
            )
            for action in sorted(actions, key=lambda action: action.action_priority)
        ]
    }


@register.simple_tag(takes_context=True)
def why_left_out(context: dict[str, Any], item: Any) -> str:
    """Return why a bulk action leaves something out."""
    # The views of pages wrap what they list.
    instance = item["item"] if isinstance(item, dict) else item
    view = context["view"]
    if hasattr(view, "explain_left_out"):
        return str(view.explain_left_out(instance))
    return explain_left_out(view.action_type, instance, context["request"].user)


@register.simple_tag(takes_context=True)
def edit_url_for(context: dict[str, Any], instance: Model | None) -> str:
    """Return where the reader may edit something, empty if she may not."""
    if instance is None:
        return ""
    return AdminURLFinder(context["request"].user).get_edit_url(instance) or ""
