"""The guard: signals that every way of publishing sends, since all of them save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, Page, Revision

from contributions.models import OutsideContent
from contributions.workflow import (
    PARTNERS,
    UNREVIEWED,
    content_type_of,
    is_reviewed,
    mark_outside,
    pending,
)

if TYPE_CHECKING:
    from django.db.models import Model


@receiver(pre_save, dispatch_uid="contributions.refuse_unreviewed")
def refuse_unreviewed(
    sender: type[Model],
    instance: Model,
    raw: bool = False,
    update_fields: frozenset[str] | None = None,
    **kwargs: Any,
) -> None:
    """Refuse that something unreviewed from outside goes live.

    Raises:
        PermissionDenied: it would, by this save.
    """
    if raw or not isinstance(instance, DraftStateMixin) or not instance.live:
        return
    if instance._state.adding:
        if copies_pending(instance):
            raise PermissionDenied(UNREVIEWED)
        return
    if update_fields is not None and not {"live", "live_revision"} & set(update_fields):
        return
    outside = pending(instance)
    if outside is None:
        return
    before = type(instance)._base_manager.filter(pk=instance.pk)
    if before.filter(live=True, live_revision=instance.live_revision_id).exists():
        return  # It was live, and what it says was published before.
    if not is_reviewed(outside, instance.live_revision):
        raise PermissionDenied(UNREVIEWED)


@receiver(pre_save, sender=Revision, dispatch_uid="contributions.refuse_unreviewed_schedule")
def refuse_unreviewed_schedule(instance: Revision, raw: bool = False, **kwargs: Any) -> None:
    """Refuse that something unreviewed from outside is scheduled: nobody looks at that moment.

    Raises:
        PermissionDenied: it would be, by this save.
    """
    if raw or instance.approved_go_live_at is None:
        return
    outside = (
        OutsideContent.objects.filter(
            content_type=instance.base_content_type_id,
            object_id=instance.object_id,
            is_pending=True,
        )
        .select_related("contribution")
        .first()
    )
    if outside is not None and not is_reviewed(outside, instance if instance.pk else None):
        raise PermissionDenied(UNREVIEWED)


@receiver(post_save, sender=Revision, dispatch_uid="contributions.mark_partners_work")
def mark_partners_work(instance: Revision, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Mark what a partner's account writes, should one ever get the right to write pages."""
    if raw or not created or instance.user_id is None:
        return
    if instance.user.groups.filter(name=PARTNERS).exists():
        mark_outside(instance.content_object)


@receiver(post_save, dispatch_uid="contributions.mark_copies")
def mark_copies(
    sender: type[Model], instance: Model, created: bool, raw: bool = False, **kwargs: Any
) -> None:
    """Mark a copy, an alias or a translation as its source is marked."""
    if not raw and created and isinstance(instance, DraftStateMixin) and copies_pending(instance):
        mark_outside(instance)


def copies_pending(instance: Model) -> bool:
    """Return whether a new object has the same texts as an unreviewed one."""
    data = _texts(instance)
    keys = OutsideContent.objects.filter(
        content_type=content_type_of(instance), is_pending=True
    ).values_list("object_id", flat=True)
    if not data or not keys:
        return False
    others = type(instance)._default_manager.filter(pk__in=list(keys)).exclude(pk=instance.pk)
    return any(_texts(other) == data for other in others)


def _texts(instance: Model) -> dict[str, str]:
    """Return the long texts of an object, those that it has."""
    texts = {
        field.name: field.value_to_string(instance)
        for field in instance._meta.concrete_fields
        if isinstance(field, (models.TextField, StreamField)) and field.model is not Page
    }
    return {name: text for name, text in texts.items() if text not in ("", "[]")}
