"""The demonstration in other languages, translated as an editor would with wagtail-localize."""

from __future__ import annotations

from collections import Counter

from django.conf import settings
from wagtail.models import Locale, Page
from wagtail_localize.models import Translation, TranslationSource

from core.models import BasePage
from pare.demo.content import read_translations
from pare.demo.marks import Marks

KIND = "translation"


def load_translations() -> Counter[str]:
    """Load what was never loaded, in the caller's transaction.

    Returns:
        How many pages were translated.
    """
    said = read_translations()
    slugs: list[str] = said.pop("pages")
    marks = Marks((KIND, f"{code}:{slug}") for code in said for slug in slugs)
    made: Counter[str] = Counter()
    pages = {
        page.slug: page.specific
        for page in Page.objects.filter(
            slug__in=slugs, locale__language_code=settings.LANGUAGE_CODE, depth__gt=1
        )
    }
    for code, words in said.items():
        locale = Locale.objects.get_or_create(language_code=code)[0]
        for slug in slugs:
            page, key = pages.get(slug), f"{code}:{slug}"
            if not isinstance(page, BasePage) or marks.has(KIND, key):
                continue
            if page.get_translation_or_none(locale) is None:
                _translate(page, locale, words)
                marks.add(KIND, key, page)
                made["page"] += 1
    return made


def _translate(page: BasePage, locale: Locale, words: dict[str, str]) -> None:
    source, _made = TranslationSource.update_or_create_from_instance(page)
    translation = Translation.objects.create(source=source, target_locale=locale)
    po = translation.export_po()
    for entry in po:
        entry.msgstr = words.get(entry.msgid, "")
    translation.import_po(po)
    # Asked to publish, wagtail-localize waits for the end of the transaction, and then writes the
    # parent as it was before it had children.
    translation.save_target(publish=False)
    page.get_translation(locale).latest_revision.publish()
