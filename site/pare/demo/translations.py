"""The demonstration in other languages, translated as an editor would with wagtail-localize."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.conf import settings
from wagtail.models import Locale, Page
from wagtail_localize.models import Translation, TranslationSource

from core.languages.facts import words_of
from core.models import BasePage, VocabularyTerm
from home.models import EmergencyNumber
from pare.demo.content import read_translations
from pare.demo.load_log import LoadLog

if TYPE_CHECKING:
    from collections.abc import Iterator

KIND = "translation"


def load_translations() -> Counter[str]:
    """Load what was never loaded, in the caller's transaction.

    Returns:
        How many pages and snippets were translated.
    """
    data = read_translations()
    slugs: list[str] = data.pop("pages")
    load_log = LoadLog(
        (KIND, key)
        for code, words in data.items()
        for key in (
            *(f"{code}:{slug}" for slug in slugs),
            *(_key(code, snippet) for snippet in _snippets(words)),
        )
    )
    made: Counter[str] = Counter()
    pages = {
        page.slug: page.specific
        for page in Page.objects.filter(
            slug__in=slugs, locale__language_code=settings.LANGUAGE_CODE, depth__gt=1
        )
    }
    for code, words in data.items():
        locale = Locale.objects.get_or_create(language_code=code)[0]
        for slug in slugs:
            page, key = pages.get(slug), f"{code}:{slug}"
            if not isinstance(page, BasePage) or load_log.has(KIND, key):
                continue
            if page.get_translation_or_none(locale) is None:
                _translate(page, locale, words)
                load_log.add(KIND, key, page)
                made["page"] += 1
        for snippet in _snippets(words):
            key = _key(code, snippet)
            if not load_log.has(KIND, key) and not snippet.has_translation(locale):
                load_log.add(KIND, key, _translate_row(snippet, locale, words))
                made[str(snippet._meta.model_name)] += 1
    return made


def _snippets(words: dict[str, str]) -> Iterator[VocabularyTerm | EmergencyNumber]:
    """Find the snippets whose French label is among ``words``."""
    for model in (*VocabularyTerm.__subclasses__(), EmergencyNumber):
        yield from model._default_manager.filter(
            locale__language_code=settings.LANGUAGE_CODE, label__in=words
        )


def _key(code: str, snippet: VocabularyTerm | EmergencyNumber) -> str:
    name = snippet.slug if isinstance(snippet, VocabularyTerm) else snippet.number
    return f"{code}:{snippet._meta.model_name}:{name}"


def _translate_row(
    row: VocabularyTerm | EmergencyNumber, locale: Locale, words: dict[str, str]
) -> VocabularyTerm | EmergencyNumber:
    """Translate what has no drafts, as its form does."""
    translation = row.copy_for_translation(locale)
    for word in words_of(type(row)):
        french = getattr(row, word)
        setattr(translation, word, words.get(french) or french)
    translation.save()
    return translation


def _submit(page: BasePage, locale: Locale, words: dict[str, str]) -> Translation:
    """Submit a page for translation, and translate it."""
    source, _made = TranslationSource.update_or_create_from_instance(page)
    translation: Translation = Translation.objects.create(source=source, target_locale=locale)
    po = translation.export_po()
    for entry in po:
        entry.msgstr = words.get(entry.msgid, "")
    translation.import_po(po)
    return translation


def _translate(page: BasePage, locale: Locale, words: dict[str, str]) -> None:
    _submit(page, locale, words).save_target(publish=True)
