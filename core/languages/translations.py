"""Translations for their translators, published or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, F, OuterRef, Subquery
from wagtail.models import Page, TranslatableMixin
from wagtail_localize.models import StringSegment, StringTranslation, Translation

from core.languages.localize_patch import fill_translation

if TYPE_CHECKING:
    from django.db.models import QuerySet


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


def outdated_translations() -> QuerySet[Translation]:
    """Return the translations of pages that need an update.

    Either the French was published since it was last given to translators
    (``has_changed``), or some of its texts have no translation yet. Each comes
    with the key (``page_id``) and the title (``title``) of the translated page.
    """
    french = Page.objects.filter(
        translation_key=OuterRef("source__object_id"),
        locale=OuterRef("source__locale"),
        last_published_at__gt=OuterRef("source__last_updated_at"),
    )
    done = StringTranslation.objects.filter(
        translation_of=OuterRef("string"),
        context=OuterRef("context"),
        locale=OuterRef(OuterRef("target_locale")),
        has_error=False,
    )
    to_do = StringSegment.objects.filter(~Exists(done), source=OuterRef("source"))
    page = Page.objects.filter(
        translation_key=OuterRef("source__object_id"), locale=OuterRef("target_locale")
    )
    return (
        Translation.objects.filter(Exists(french) | Exists(to_do), enabled=True)
        .annotate(
            has_changed=Exists(french),
            page_id=Subquery(page.values("pk")[:1]),
            title=Subquery(page.values("draft_title")[:1]),
            language=F("target_locale__language_code"),
        )
        .exclude(page_id=None)
        .order_by("-has_changed", "title", "pk")
    )
