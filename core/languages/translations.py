"""Translations for their translators, published or not."""

from __future__ import annotations

from typing import Any

from wagtail.models import TranslatableMixin
from wagtail_localize.models import Translation

from core.languages.localize_patch import fill_translation


def translation_of(instance: Any) -> Translation | None:
    """Return the enabled translation that generates a page or snippet, if there is one."""
    if not isinstance(instance, TranslatableMixin):
        return None
    return Translation.objects.filter(
        source__object_id=instance.translation_key,
        target_locale_id=instance.locale_id,
        enabled=True,
    ).first()


def build_draft(translation: Translation) -> Any:
    """Return the translated page or snippet as saving it now would make it, unsaved."""
    source, locale = translation.source, translation.target_locale
    draft = source.get_translated_instance(locale)
    fill_translation(source, source.as_instance(), draft, locale)
    return draft
