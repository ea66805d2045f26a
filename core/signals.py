"""Bump the content version with every change of what the public may see."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.dispatch import receiver
from taggit.models import Tag
from wagtail.contrib.redirects.models import Redirect
from wagtail.contrib.settings.models import AbstractSetting
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Locale,
    Orderable,
    Page,
    PageViewRestriction,
    Site,
)
from wagtail.search import index
from wagtail.signals import page_published, page_slug_changed, post_page_move

from core.languages.facts import delete_translations, share_facts
from core.languages.privacy import lift_from_aliases, restrict_versions
from core.languages.trees import publish_aliases_above
from core.models import (
    BasePage,
    ContentVersion,
    Document,
    DocumentVersion,
    Image,
    Territory,
    VocabularyTerm,
)
from core.models.media import delete_when_unused, document_file_saved
from core.tasks import read_document

PUBLIC_MODELS: tuple[type[Model], ...] = (
    Page,
    Orderable,
    VocabularyTerm,
    Territory,
    Tag,
    Image,
    Document,
    AbstractSetting,
    Site,
    Locale,
    Redirect,
    PageViewRestriction,
    Collection,
    CollectionViewRestriction,
)
"""What the API shows. A model outside of these sets ``affects_public_content = True``."""


def affects_public_content(model: type[Model]) -> bool:
    """Return whether the API shows something of this model."""
    return issubclass(model, PUBLIC_MODELS) or getattr(model, "affects_public_content", False)


@receiver((post_save, post_delete), dispatch_uid="core.bump_on_write")
def bump_on_write(sender: type[Model], raw: bool = False, **kwargs: Any) -> None:
    """Bump the version when a row is written or removed, but not by a fixture."""
    if not raw and affects_public_content(sender):
        ContentVersion.bump()


@receiver(post_save, dispatch_uid="core.share_facts")
def share_facts_on_save(instance: Model, raw: bool = False, **kwargs: Any) -> None:
    """Give the facts of what was saved to its translations."""
    if not raw and share_facts(instance):
        ContentVersion.bump()


@receiver(post_delete, dispatch_uid="core.delete_translations")
def delete_translations_too(instance: Model, **kwargs: Any) -> None:
    """Delete what has no drafts in every language at once."""
    delete_translations(instance)


@receiver(m2m_changed, dispatch_uid="core.bump_on_m2m")
def bump_on_m2m(instance: Model, action: str, **kwargs: Any) -> None:
    """Bump the version when themes, audiences or tags change."""
    if action.startswith("post_") and affects_public_content(type(instance)):
        ContentVersion.bump()


@receiver((page_slug_changed, post_page_move), dispatch_uid="core.bump_on_move")
def bump_on_move(**kwargs: Any) -> None:
    """Bump the version when a page moves."""
    # A move rewrites the paths of a whole branch in SQL, without saving its pages.
    ContentVersion.bump()


@receiver(post_delete, dispatch_uid="core.remove_from_index")
def remove_from_index(sender: type[Model], instance: Model, **kwargs: Any) -> None:
    """Remove a deleted page from the index."""
    # Pages are indexed on saving, not on signals.
    if issubclass(sender, BasePage):
        index.remove_object(instance)


@receiver(document_file_saved, dispatch_uid="core.read_new_file")
def read_new_file(instance: Document, **kwargs: Any) -> None:
    """Read a new file in the background, once it is committed."""
    transaction.on_commit(partial(read_document.enqueue, instance.pk))


@receiver(page_published, dispatch_uid="core.publish_aliases_above")
def publish_pages_above(instance: Page, **kwargs: Any) -> None:
    """Publish the pages in French above a published translation."""
    publish_aliases_above(instance)


@receiver(post_save, sender=PageViewRestriction, dispatch_uid="core.restrict_versions")
def restrict_in_every_language(
    instance: PageViewRestriction, raw: bool = False, **kwargs: Any
) -> None:
    """Restrict a page wherever it is shown."""
    if not raw:
        restrict_versions(instance)


@receiver(
    m2m_changed,
    sender=PageViewRestriction.groups.through,
    dispatch_uid="core.restrict_versions_to_groups",
)
def restrict_to_the_same_groups(instance: Any, action: str, **kwargs: Any) -> None:
    """Restrict a page to the same groups wherever it is shown."""
    if action.startswith("post_") and isinstance(instance, PageViewRestriction):
        restrict_versions(instance)


@receiver(post_delete, sender=PageViewRestriction, dispatch_uid="core.lift_from_aliases")
def lift_from_aliases_too(instance: PageViewRestriction, **kwargs: Any) -> None:
    """Lift a restriction from the aliases of a page."""
    lift_from_aliases(instance.page_id)


@receiver(post_delete, sender=DocumentVersion, dispatch_uid="core.delete_version_file")
def delete_version_file(instance: DocumentVersion, **kwargs: Any) -> None:
    """Delete the stored file of a version whose document is deleted."""
    delete_when_unused(instance.file.storage, str(instance.file.name or ""))
