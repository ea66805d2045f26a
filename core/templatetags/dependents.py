"""What depends on a thing, for the screens on which it is deleted or unpublished."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template
from django.db.models import Model

from core.dependents import find_dependents, find_public_dependents

if TYPE_CHECKING:
    from core.dependents import Dependents

register = template.Library()

# As the templates of Wagtail's screens call what they are about, those of many things first.
NAMES = ("page", "snippet", "image", "document", "user", "instance", "object")


@register.simple_tag(takes_context=True)
def dependents_of_screen(context: Any, is_unpublished: bool = False) -> list[Dependents]:
    """Return what depends on the thing of a screen of Wagtail's."""
    instance = find_instance(context)
    if instance is None or instance.pk is None:
        return []
    find = find_public_dependents if is_unpublished else find_dependents
    return find(instance, context["request"].user)


def find_instance(context: Any) -> Model | None:
    """Return the thing that a screen is about, or the row of a screen about many."""
    for name in NAMES:
        row = context.get(name)
        if isinstance(row, dict) and isinstance(row.get("item"), Model):
            return row["item"]
    items = context.get("items")
    if isinstance(items, list) and len(items) == 1 and isinstance(items[0], dict):
        return items[0].get("item")
    # The user of every screen is no subject of it.
    found = (context.get(name) for name in NAMES if name != "user")
    return next((each for each in found if isinstance(each, Model)), None)
