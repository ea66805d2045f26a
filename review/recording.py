"""Every save of words makes a revision of its own, and each revision has its record."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models.signals import post_save, pre_save
from django.dispatch import receiver
from django.utils.translation import gettext as _
from wagtail.models import Page, Revision, RevisionMixin

from review.actors import current_actor
from review.content import canonical_hash
from review.flow import follow_save
from review.records import record_revision, record_schedule

if TYPE_CHECKING:
    from collections.abc import Callable


@receiver(pre_save, sender=Revision, dispatch_uid="review.refuse_overwriting")
def refuse_overwriting(
    instance: Revision,
    raw: bool = False,
    update_fields: frozenset[str] | None = None,
    **kwargs: Any,
) -> None:
    """Refuse that a revision gets other words: its approvals would stay with them.

    Raises:
        PermissionDenied: it would, by this save.
    """
    if raw or instance._state.adding or (update_fields and "content" not in update_fields):
        return
    before = Revision.objects.filter(pk=instance.pk).values_list("content", flat=True).first()
    if before is not None and canonical_hash(before) != canonical_hash(instance.content):
        raise PermissionDenied(
            _("Une version enregistrée ne change plus : enregistrez-en une nouvelle.")
        )


@receiver(post_save, sender=Revision, dispatch_uid="review.record_revision")
def record_saved(instance: Revision, created: bool, raw: bool = False, **kwargs: Any) -> None:
    """Record whose words a new revision has, and who schedules one."""
    if raw:
        return
    if created:
        record_revision(instance)
    if instance.approved_go_live_at is not None:
        actor = current_actor()
        record_schedule(instance, actor.user if actor else None)


def patch_wagtail_revisions() -> None:
    """Patch Wagtail to make a new revision wherever words are saved, and its review follow.

    Its editor may ask to overwrite the last one.
    """
    for model in (RevisionMixin, Page):
        if not hasattr(model.save_revision, "makes_new_revisions"):
            model.save_revision = _making_new(model.save_revision)


def _making_new(save_revision: Callable[..., Revision]) -> Callable[..., Revision]:
    @wraps(save_revision)
    def making_new(self: RevisionMixin, *args: Any, **kwargs: Any) -> Revision:
        kwargs.pop("overwrite_revision", None)
        revision = save_revision(self, *args, **kwargs)
        follow_save(self, revision)
        return revision

    making_new.makes_new_revisions = True  # type: ignore[attr-defined]
    return making_new
