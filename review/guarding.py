"""The guard: signals that every way of publishing sends, since all of them save."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models.signals import pre_save
from django.dispatch import receiver
from wagtail.models import DraftStateMixin, Revision

from review.provenance import pending_mark
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
        if pending_mark(instance) and not is_alias_of_live(instance):
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


def is_alias_of_live(instance: Model) -> bool:
    """Return whether an object shows what another shows already."""
    source = getattr(instance, "alias_of", None)
    return source is not None and source.live
