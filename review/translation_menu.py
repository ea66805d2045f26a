"""The menu of the editor of translations: that of every page, without what a translation lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.action_menu import ActionMenuItem
from wagtail.models import Page

from core.compat.admin import PageActionMenu, SnippetActionMenu, policy_registry
from review.rights import lock_for
from review.translations import can_be_reviewed, submit_url

if TYPE_CHECKING:
    from django.http import HttpRequest
    from wagtail_localize.models import Translation

LEFT_OUT = frozenset(
    {"action-save-draft", "action-save", "action-submit", "action-restart-workflow"}
)
"""Texts are kept as they are written, and the review is asked for by an item of its own."""
FIRST = ("approve", "action-publish", "submit", "reject")
"""Which item is the button: the first of these; what they leave follows in its own order."""


class SubmitItem(ActionMenuItem):
    """« Proposer à la relecture »."""

    name = "submit"
    label = _("Proposer à la relecture")
    icon_name = "resubmit"

    def get_url(self, parent_context: Any) -> str:
        return submit_url(parent_context["translation"], parent_context["instance"])


class DeleteItem(ActionMenuItem):
    """« Supprimer »."""

    name = "delete"
    label = _("Supprimer")
    icon_name = "bin"

    def get_url(self, parent_context: Any) -> str:
        instance = parent_context["instance"]
        if isinstance(instance, Page):
            return reverse("wagtailadmin_pages:delete", args=[instance.pk])
        name = instance.snippet_viewset.get_url_name("delete")
        return reverse(name, args=[quote(instance.pk)])


class StopItem(ActionMenuItem):
    """« Arrêter la traduction »: the texts can be edited freely then."""

    name = "stop"
    label = _("Ne plus suivre le français")
    icon_name = "cross"
    template_name = "review/admin/stop_translation.html"

    def get_url(self, parent_context: Any) -> str:
        translation = parent_context["translation"]
        return reverse("wagtail_localize:stop_translation", args=[translation.pk])


def menu_items(request: HttpRequest, translation: Translation, instance: Any) -> list[str]:
    """Return the items of the menu as HTML, the button first."""
    user: Any = request.user
    lock = lock_for(instance, user)
    context = {"view": "edit", "lock": lock, "locked_for_user": lock is not None}
    if isinstance(instance, Page):
        menu = PageActionMenu(request, page=instance, **context)
    else:
        menu = SnippetActionMenu(request, instance=instance, **context)
    found = [menu.default_item] if menu.default_item else []
    items = [item for item in (*found, *menu.menu_items) if item.name not in LEFT_OUT]
    if lock is None:
        if can_be_reviewed(instance, user):
            items.append(SubmitItem())
        items.append(StopItem())
        if _can_delete(instance, user):
            items.append(DeleteItem())
    order = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: order.get(item.name, len(FIRST)))
    values = menu.context | {"instance": instance, "translation": translation}
    return [item.render_html(values) for item in items]


def _can_delete(instance: Any, user: Any) -> bool:
    if isinstance(instance, Page):
        return bool(instance.permissions_for_user(user).can_delete())
    policy = policy_registry.get_by_type(type(instance))
    return bool(policy.user_has_permission(user, "delete"))
