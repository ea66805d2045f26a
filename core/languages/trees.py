"""The pages above a translation, where they are not translated yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from wagtail.actions.copy_for_translation import CopyPageForTranslationAction
from wagtail.coreutils import find_available_slug
from wagtail.models import Page
from wagtail.signals import copy_for_translation_done, page_published

if TYPE_CHECKING:
    from wagtail.models import Locale


def create_draft_parents(page: Page, locale: Locale) -> None:
    """Create the ancestors that a page lacks in another language, as aliases in draft.

    Wagtail makes them as public as their sources: a translator would open a language on the site.
    """
    parent = page.get_parent().specific
    if parent.is_root() or parent.has_translation(locale):
        return
    create_draft_parents(parent, locale)
    above = parent.get_parent()
    is_home = above.is_root()
    translated = above if is_home else above.get_translation(locale)
    slug = f"{parent.slug}-{locale.language_code}" if is_home else parent.slug
    parent.live = False  # Of the copy, since the parent is not saved.
    alias = parent.create_alias(
        parent=translated,
        update_slug=find_available_slug(translated, slug),
        update_locale=locale,
        reset_translation_key=False,
    )
    copy_for_translation_done.send(
        sender=CopyPageForTranslationAction, source_obj=parent, target_obj=alias
    )


def publish_aliases_above(page: Page) -> None:
    """Publish the aliases above a translation that is public now: they lead to it.

    They show what their sources do, which is public already.
    """
    if page.locale.language_code == settings.LANGUAGE_CODE:
        return
    for alias in page.get_ancestors().filter(live=False, alias_of__live=True).specific():
        alias.live = True
        alias.has_unpublished_changes = False
        alias.save(clean=False)
        page_published.send(sender=type(alias), instance=alias, revision=None, alias=True)
