"""Who may make contents public, translations as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from wagtail.models import DraftStateMixin, Page

from core.compat.admin import policy_registry

if TYPE_CHECKING:
    from core.models import User


def may_publish(user: User, instance: Any) -> bool:
    """Return whether a user has the right to make a page or snippet public, whatever its words.

    What has no drafts is public once saved: to change it is to publish it.
    """
    if isinstance(instance, Page):
        return bool(instance.permissions_for_user(user).can_publish())
    action = "publish" if isinstance(instance, DraftStateMixin) else "change"
    policy = policy_registry.get_by_type(type(instance))
    return bool(policy.user_has_permission(user, action))


def refuse_publication(user: User, instance: Any) -> None:
    """Refuse that a translation becomes public by a user who has no right to publish it.

    Raises:
        PermissionDenied: they have none; the message has why, for people.
    """
    if not may_publish(user, instance):
        raise PermissionDenied(explain_refusal(instance))


def explain_refusal(instance: Any) -> str:
    """Return why somebody can't make a translation public, and what to do instead."""
    if isinstance(instance, DraftStateMixin):
        return _(
            "Seule une personne qui peut publier rend une traduction publique. Ce qui est traduit "
            "est gardé : proposez-le à la relecture."
        )
    return _(
        "« %(title)s » est public dès son enregistrement : seule une personne qui peut le modifier "
        "le traduit."
    ) % {"title": instance}
