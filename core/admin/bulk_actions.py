"""Bulk actions: Wagtail shows its bar whole to everyone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from wagtail.models import Page

from core.compat.admin import bulk_action_registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model
    from django.http import HttpRequest

    from core.models import User


def offered_bulk_actions(
    request: HttpRequest, model: type[Model], objects: Iterable[Model]
) -> list[type[Any]]:
    """Return the bulk actions that this person may take on one of the objects at least."""
    rows = list(objects)
    return [
        action
        for action in bulk_action_registry.get_bulk_actions_for_model(
            model._meta.app_label, model._meta.model_name
        )
        if any(map(action(request, model).check_perm, rows))
    ]


def explain_left_out(action: str, instance: Model, user: User) -> str:
    """Return why a bulk action leaves an object out, and what to do instead."""
    if getattr(instance, "locked", False):
        return _("verrouillé·e : demandez à qui l'a fait de le déverrouiller.")
    if isinstance(instance, Page):
        return _explain_page(action, instance, user)
    return _("c'est à la Direction ou à la Coordination de le faire.")


def _explain_page(action: str, page: Page, user: User) -> str:
    if page.is_root():
        return _("c'est la racine du site.")
    if action == "unpublish" and not page.live:
        return _("elle n'est pas en ligne.")
    if action in {"delete", "move"} and page.permissions_for_user(user).can_edit():
        return _explain_kept(page)
    return _("c'est à la Direction ou à la Coordination de le faire.")


def _explain_kept(page: Page) -> str:
    if page.live:
        return _("elle est en ligne : demandez-le à la Direction ou à la Coordination.")
    return _("elle a des sous-pages : demandez-le à la Direction.")
