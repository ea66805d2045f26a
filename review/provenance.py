"""Where content comes from: the marks of what came from outside, by identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from review.models import ExternalContent

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet


def content_type_of(instance: Model) -> ContentType:
    """Return the type under which revisions and workflows know an object."""
    if hasattr(instance, "get_base_content_type"):
        found: ContentType = instance.get_base_content_type()
        return found
    return ContentType.objects.get_for_model(instance, for_concrete_model=False)


def base_type_of(model: type[Model]) -> ContentType:
    """Return what :func:`content_type_of` returns of the objects of a model."""
    parents = model._meta.get_parent_list()
    return ContentType.objects.get_for_model(
        parents[-1] if parents else model, for_concrete_model=False
    )


def mark_external(instance: Model) -> ExternalContent:
    """Mark an object as holding external content that nobody has reviewed yet."""
    return ExternalContent.objects.update_or_create(
        content_type=content_type_of(instance),
        object_id=str(instance.pk),
        defaults={
            "is_pending": True,
            "translation_key": getattr(instance, "translation_key", None),
        },
    )[0]


def pending_mark(instance: Model) -> ExternalContent | None:
    """Return the mark of an object that holds unreviewed external content.

    An alias has that of its source. A translation without a mark of its own, which
    something has made without a signal, has that of any that waits.
    """
    key = str(getattr(instance, "alias_of_id", None) or instance.pk)
    translation_key = getattr(instance, "translation_key", None)
    is_own, is_translation = Q(object_id=key), Q(translation_key=translation_key)
    marks = {
        mark.object_id: mark
        for mark in ExternalContent.objects.filter(
            is_own | is_translation if translation_key else is_own,
            content_type=content_type_of(instance),
        )
    }
    if key in marks:
        return marks[key] if marks[key].is_pending else None
    return next((mark for mark in marks.values() if mark.is_pending), None)


def release(instance: Model) -> None:
    """Record that the words of an object went through the whole review and are public."""
    _marks_of(instance).update(is_pending=False)


def suspend_review(instance: Model, is_suspended: bool = True) -> None:
    """Suspend or resume the review of an object: suspended, no approval of it counts."""
    _marks_of(instance).update(is_suspended=is_suspended)


def forget(instance: Model) -> None:
    """Delete the mark of an object that is deleted."""
    _marks_of(instance).delete()


def _marks_of(instance: Model) -> QuerySet[ExternalContent]:
    return ExternalContent.objects.filter(
        content_type=content_type_of(instance), object_id=str(instance.pk)
    )
