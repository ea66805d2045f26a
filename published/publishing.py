"""Publishing in Wagtail leads to the door: refused before anything is written, then admitted."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from wagtail.actions.copy_page import CopyPageAction
from wagtail.actions.publish_revision import PublishRevisionAction
from wagtail.models import Page, Revision

from core.registry import find_schema
from published.admission import AdmissionRefused, admit, refuse, write_alias
from published.queries import item_of
from review.actors import Actor, current_actor

if TYPE_CHECKING:
    from collections.abc import Callable


def patch_wagtail_publishing() -> None:
    """Ask the door wherever Wagtail publishes: its signals carry no user, and come too late.

    Editors, bulk actions, workflows, schedules and scripts all end in these actions.
    """
    for action, wrap in ((PublishRevisionAction, _asking), (CopyPageAction, _settling)):
        if not hasattr(action.execute, "__wrapped__"):
            action.execute = wrap(action.execute)


def _actor_of(action: Any) -> Actor | None:
    return Actor(user=action.user) if action.user else current_actor()


def _asking(execute: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(execute)
    def asking(self: PublishRevisionAction, skip_permission_checks: bool = False) -> Any:
        thing = self.object
        if find_schema(type(thing)) is None:
            return execute(self, skip_permission_checks)
        actor = _actor_of(self)
        with transaction.atomic():
            self.check(skip_permission_checks=skip_permission_checks)
            refuse(thing, self.revision.content, actor)
            if _is_scheduled(thing):
                give_live_revision(thing)
            done = execute(self, skip_permission_checks)
            if thing.live and not _is_scheduled(thing):
                admit(thing, actor)
        return done

    return asking


def give_live_revision(thing: Any) -> None:
    """Give what is live without a revision that of the words that were admitted.

    Wagtail takes offline, until its new words go live, what has none: the home page that a new
    site begins with, what a script made.
    """
    item = item_of(thing)
    if item is None or thing.live_revision_id or not thing.live:
        return
    revision = Revision.objects.create(
        content_type=item.content_type,
        base_content_type=thing.get_base_content_type(),
        object_id=thing.pk,
        created_at=item.updated_at,
        content=item.content,
        object_str=item.title,
    )
    type(thing)._default_manager.filter(pk=thing.pk).update(live_revision=revision)
    thing.live_revision = revision


def _is_scheduled(thing: Any) -> bool:
    return bool(thing.go_live_at and thing.go_live_at > timezone.now())


def _settling(execute: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(execute)
    def settling(self: CopyPageAction, skip_permission_checks: bool = False) -> Any:
        with transaction.atomic():
            copy = execute(self, skip_permission_checks)
            if self.keep_live and copy is not None:
                settle_copies(copy, _actor_of(self))
        return copy

    return settling


def settle_copies(root: Page, actor: Actor | None) -> None:
    """Admit the copies of live pages, or make drafts of those that may not become public."""
    for page in root.get_descendants(inclusive=True).live().specific().order_by("path"):
        if page.alias_of_id:
            write_alias(page)
            continue
        try:
            admit(page, actor)
        except AdmissionRefused:
            Page.objects.filter(pk=page.pk).update(live=False, has_unpublished_changes=True)
