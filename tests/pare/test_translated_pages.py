"""A page of every type is translated, changed, brought up to date and published."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, Page
from wagtail_localize.models import TranslationSource

from core.registry import page_types, schema_for
from tests.factories import publish
from tests.factories.contributions import member
from tests.factories.translations import (
    PAGES,
    live_words,
    publish_translation,
    translate,
    translation_in,
    write_words,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def keys(module_transaction: None) -> dict[str, int]:
    """The key of a page of every type, made once, in French alone."""
    keys = {kind: make().pk for kind, make in PAGES.items()}
    Locale.objects.create(language_code="en")
    return keys


@pytest.fixture
def english() -> Locale:
    locale: Locale = Locale.objects.get(language_code="en")
    return locale


def test_every_type_of_page_has_an_example() -> None:
    assert set(PAGES) == {schema_for(model).type_name() for model in page_types()}


def test_a_page_of_any_type_is_translated_as_a_draft(keys: dict[str, int], english: Locale) -> None:
    """The deepest first: each brings the sections above it that no other has brought."""
    client = Client()
    client.force_login(member("Relecture"))
    pages = {kind: Page.objects.get(pk=key).specific for kind, key in keys.items()}

    for kind, page in sorted(pages.items(), key=lambda item: -item[1].depth):
        response = client.post(
            reverse("wagtail_localize:submit_page_translation", args=[page.pk]),
            {"locales": [english.pk], "include_subtree": ""},
        )

        assert response.status_code == 302, kind
        translated = page.get_translation(english)
        assert translated.alias_of_id is None, kind
        assert (translated.live, translated.has_unpublished_changes) == (False, True), kind
        assert not Page.objects.filter(locale=english, live=True).exists(), kind


def test_a_public_translation_keeps_its_words_until_new_ones_are_published(
    keys: dict[str, int], english: Locale
) -> None:
    """In one test: each type is taken back, and the sections above stay translated."""
    coordinator = member("Coordination")
    pages = [Page.objects.get(pk=key).specific for key in keys.values()]
    for above in sorted(pages, key=lambda page: page.depth):
        if above.get_children().exists():
            translate(above, english)

    for kind, page in zip(keys, pages, strict=True):
        # An issue is public by being sent: tests/newsletter/test_publication.py.
        publisher = None if kind == "newsletter" else coordinator
        with transaction.atomic():
            _follow(page, english, kind, publisher)
            transaction.set_rollback(True)


def _follow(page: Any, english: Locale, kind: str, publisher: Any) -> None:
    translated = translate(page, english)
    assert not translated.live, kind
    translation = translation_in(translated)

    write_words(translation, "One ")
    before = live_words(publish_translation(translated, publisher))
    data = page.get_translation(english).to_schema("https://example.org")
    assert (data.title, data.locale, data.type) == (f"One {page.title}", "en", kind)

    write_words(translation, "Two ")
    translation.save_target(publish=False)
    assert live_words(translated) == before, kind
    draft = type(translated).objects.get(pk=translated.pk)
    assert draft.has_unpublished_changes, kind
    assert draft.draft_title.startswith("Two "), kind
    assert draft.get_latest_revision_as_object().title.startswith("Two "), kind
    after = live_words(publish_translation(translated, publisher))
    assert after["title"].startswith("Two "), kind
    assert after["live"] is True, kind

    assert page.title != "Un autre titre", kind
    page.title = "Un autre titre"
    publish(page)
    TranslationSource.objects.get_for_instance(page).update_from_db()
    translation.refresh_from_db()
    wanted, done = translation.get_progress()
    assert wanted > done, f"{kind}: one is to do again"
    assert page.get_translation(english).title == after["title"], kind
    write_words(translation, {"Un autre titre": "Another title"})
    published = publish_translation(translated, publisher)
    assert (published.title, published.live) == ("Another title", True), kind
