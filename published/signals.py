"""What follows when rows move, cease to be live, or go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.db.models.signals import post_delete, post_save, pre_delete, pre_save
from django.dispatch import receiver
from wagtail.models import DraftStateMixin, Page, Site
from wagtail.signals import post_page_move, unpublished

from core.registry import find_schema
from published.admission import admitting, withdraw, write_alias, written
from published.documents import admit_documents_of
from published.links.collecting import models_with_links
from published.models import Item, LinkUse
from published.paths import update_paths
from review.actors import Actor, current_actor
from review.files import describe_refused_files, foreign_files_of, has_external_files


@receiver(unpublished, dispatch_uid="published.withdraw_unpublished")
def withdraw_unpublished(instance: Model, **kwargs: Any) -> None:
    """Withdraw what was unpublished."""
    actor = current_actor()
    thing = getattr(instance, "specific", instance)
    # Nobody must not be taken for somebody whose account is gone.
    withdraw(thing, actor, reason="" if actor else "unpublished")


@receiver(pre_delete, dispatch_uid="published.withdraw_deleted")
def withdraw_deleted(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    """Withdraw what is deleted."""
    if issubclass(sender, DraftStateMixin) and find_schema(sender) is not None:
        actor = current_actor()
        withdraw(instance, actor, reason="" if actor else "deleted", is_deleted=True)


@receiver(post_page_move, dispatch_uid="published.follow_move")
def follow_move(instance: Page, **kwargs: Any) -> None:
    """Give a page that moved, and all below it, the paths of their new place."""
    update_paths(Page.objects.get(pk=instance.pk))


@receiver(post_save, dispatch_uid="published.write_new_alias")
def write_new_alias(sender: type[Model], instance: Model, raw: bool = False, **kwargs: Any) -> None:
    """Write the item of an alias when it is made: its words were admitted with its source."""
    if not raw and isinstance(instance, Page) and instance.alias_of_id and instance.live:
        write_alias(instance)


@receiver((post_save, post_delete), sender=Site, dispatch_uid="published.follow_site")
def follow_site(**kwargs: Any) -> None:
    """Give every item its path when a site gets another home page."""
    for page in Page.objects.filter(depth=2):
        update_paths(page)


@receiver(admitting, dispatch_uid="published.admit_documents")
def admit_documents(instance: Model, actor: Actor | None = None, **kwargs: Any) -> None:
    """Make public the present files of the documents of what is admitted."""
    admit_documents_of(instance, actor)


@receiver(written, dispatch_uid="published.forget_links")
def forget_links(items: Iterable[Item], **kwargs: Any) -> None:
    """Forget where the former words of items led: the next run collects the new ones."""
    keys: dict[int, list[int]] = {}
    for item in items:
        keys.setdefault(item.content_type_id, []).append(item.thing_id)
    for type_id, things in keys.items():
        LinkUse.objects.filter(content_type=type_id, thing_id__in=things).delete()


@receiver(post_save, dispatch_uid="published.forget_links_of_snippet")
def forget_links_of_snippet(
    sender: type[Model], instance: Model, raw: bool = False, **kwargs: Any
) -> None:
    """Forget where the former words of what is public on saving led."""
    if not raw and sender in models_with_links():
        type_id = ContentType.objects.get_for_model(sender).pk
        LinkUse.objects.filter(content_type=type_id, thing_id=instance.pk).delete()


@receiver(pre_save, dispatch_uid="published.refuse_foreign_files")
def refuse_foreign_files(
    sender: type[Model], instance: Model, raw: bool = False, **kwargs: Any
) -> None:
    """Refuse that what is public on saving holds a file from outside.

    Raises:
        PermissionDenied: it would, by this save.
    """
    is_public = getattr(sender, "affects_public_content", False) and find_schema(sender) is None
    if raw or not is_public or not has_external_files():
        return
    if files := foreign_files_of(instance):
        raise PermissionDenied(describe_refused_files(files))
