"""Translations as editors make them with wagtail-localize, and one page of every type."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from wagtail.models import Locale, Page
from wagtail_localize.models import Translation, TranslationSource

from core.models import Theme, User
from home.models import HomePage
from review.actors import acting
from tests.factories import (
    CampaignPageFactory,
    DocumentFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    TeamPageFactory,
    full_body,
    news_index,
    resource_index,
)
from tests.factories.events import TrainingPageFactory, WebinarPageFactory, agenda
from tests.factories.network import directory
from tests.factories.newsletter import NewsletterIssuePageFactory, archive, section, sections
from tests.factories.publishing import SYSTEM

if TYPE_CHECKING:
    from collections.abc import Callable

PAGES: dict[str, Callable[[], Any]] = {
    "home": HomePage.objects.get,
    "resource_index": resource_index,
    "news_index": news_index,
    "event_index": agenda,
    "directory": directory,
    "newsletter_index": archive,
    "resource": lambda: ResourcePageFactory(
        themes=list(Theme.objects.filter(slug="soin")), tags=["a"]
    ),
    "news": lambda: NewsPageFactory(
        body=full_body(ImageFactory(), DocumentFactory(), StandardPageFactory())
    ),
    "standard": lambda: StandardPageFactory(
        body=full_body(ImageFactory(), DocumentFactory(), StandardPageFactory())
    ),
    "campaign": lambda: CampaignPageFactory(slogan="JE gère !"),
    "team": TeamPageFactory,
    "training": TrainingPageFactory,
    "webinar": WebinarPageFactory,
    "newsletter": lambda: NewsletterIssuePageFactory(
        sections=sections(section("À lire", text="<p>Des nouvelles.</p>"))
    ),
}
"""A page of every type, under its name in the API, with what surrounds it."""


def submit(instance: Any, locale: Locale) -> Translation:
    """Return the translation of something, with nothing translated or saved yet."""
    source, _ = TranslationSource.update_or_create_from_instance(instance)
    made: Translation = Translation.objects.get_or_create(source=source, target_locale=locale)[0]
    return made


def translate(instance: Any, locale: Locale) -> Any:
    """Submit for translation, as the button « Traduire » does, and return the draft it makes."""
    submit(instance, locale).save_target(publish=not hasattr(instance, "live"))
    return instance.get_translation(locale)


def translate_with_parents(page: Page, locale: Locale) -> Any:
    """Translate the sections of a page, then the page; return its draft."""
    for above in page.get_ancestors().filter(depth__gt=1).specific():
        if not above.has_translation(locale):
            translate(above, locale)
    return translate(page, locale)


def write_words(translation: Translation, words: dict[str, str] | str = "") -> None:
    """Translate as a translator does with a PO file; with a text, prefix every text with it."""
    po = translation.export_po()
    for entry in po:
        if isinstance(words, str):
            entry.msgstr = f"{words}{entry.msgid}"
        else:
            entry.msgstr = words.get(entry.msgid, entry.msgstr or entry.msgid)
    translation.import_po(po)


def translation_in(instance: Any) -> Translation:
    """Return what generates a translated page or snippet."""
    found: Translation = Translation.objects.get(
        source__object_id=instance.translation_key, target_locale=instance.locale
    )
    return found


def publish_translation(instance: Any, user: User | None = None) -> Any:
    """Publish a translation as the button « Publier » of its editor does."""
    with nullcontext() if user else acting(system=SYSTEM):
        translation_in(instance).save_target(user=user, publish=True)
    return type(instance).objects.get(pk=instance.pk)


BOOKKEEPING = {
    "draft_title",
    "has_unpublished_changes",
    "latest_revision",
    "latest_revision_created_at",
}


def live_words(instance: Any) -> dict[str, Any]:
    """Return all that is saved of something but what a draft changes, children included."""
    row = type(instance).objects.get(pk=instance.pk)
    data = json.loads(row.to_json()) if hasattr(row, "to_json") else row.serializable_data()
    return {name: value for name, value in data.items() if name not in BOOKKEEPING}
