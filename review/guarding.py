"""The guard: signals that every way of publishing sends, since all of them save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models.signals import post_delete, post_save, pre_save
from django.dispatch import receiver
from wagtail.fields import StreamField
from wagtail.models import DraftStateMixin, Page, Revision
from wagtail.signals import published

from review.groups import PARTNERS
from review.models import ExternalContent
from review.provenance import content_type_of, forget, mark_external, pending_mark, release
from review.rights import UNREVIEWED
from review.workflow import is_reviewed

if TYPE_CHECKING:
    from django.db.models import Model


@receiver(pre_save, dispatch_uid="review.refuse_unreviewed")
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
    mark = pending_mark(instance)
    if mark is None:
        return
    before = type(instance)._base_manager.filter(pk=instance.pk)
    if before.filter(live=True, live_revision=instance.live_revision_id).exists():
        return  # It was live, and what it says was published before.
    if not is_reviewed(mark, instance.live_revision):
        raise PermissionDenied(UNREVIEWED)


@receiver(pre_save, sender=Revision, dispatch_uid="review.refuse_unreviewed_schedule")
def refuse_unreviewed_schedule(instance: Revision, raw: bool = False, **kwargs: Any) -> None:
    """Refuse that something unreviewed from outside is scheduled: nobody looks at that moment.

    Raises:
        PermissionDenied: it would be, by this save.
    """
    if raw or instance.approved_go_live_at is None:
        return
    mark = pending_mark(instance.content_object)
    if mark is not None and not is_reviewed(mark, instance if instance.pk else None):
        raise PermissionDenied(UNREVIEWED)


@receiver(post_save, sender=Revision, dispatch_uid="review.mark_partners_work")
def mark_partners_work(instance: Revision, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Mark what a partner's account writes, should one ever get the right to write pages."""
    if raw or not created or instance.user_id is None:
        return
    if instance.user.groups.filter(name=PARTNERS).exists():
        mark_external(instance.content_object)


@receiver(post_save, dispatch_uid="review.mark_copies")
def mark_copies(
    sender: type[Model], instance: Model, created: bool, raw: bool = False, **kwargs: Any
) -> None:
    """Mark a copy, an alias or a translation as its source is marked."""
    if not raw and created and isinstance(instance, DraftStateMixin) and copies_pending(instance):
        mark_external(instance)


def copies_pending(instance: Model) -> bool:
    """Return whether a new object has the same texts as an unreviewed one."""
    data = _texts(instance)
    keys = ExternalContent.objects.filter(
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


@receiver(published, dispatch_uid="review.release")
def release_published(instance: DraftStateMixin, **kwargs: Any) -> None:
    """Record that what was pending is public: the guard let it through."""
    if instance.live:
        release(instance)


@receiver(post_delete, dispatch_uid="review.forget_deleted")
def forget_deleted(instance: Any, **kwargs: Any) -> None:
    """Delete the mark of what is deleted."""
    if isinstance(instance, DraftStateMixin):
        forget(instance)
