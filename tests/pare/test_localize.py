"""Every page type and every vocabulary can be translated from the first migration."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import Locale, TranslatableMixin
from wagtail.snippets.models import get_snippet_models
from wagtail_localize.models import Translation, TranslationSource

from core import checks
from core.models import Territory, Theme
from home.models import HomePage, StandardPage
from tests.factories import (
    CampaignPageFactory,
    DocumentFactory,
    EmergencyNumberFactory,
    FunderFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    TeamPageFactory,
    full_body,
    news_index,
    resource_index,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def english(settings: Any) -> Locale:
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [
        ("fr", "Français"),
        ("en", "English"),
    ]
    return Locale.objects.create(language_code="en")


def translate(instance: Any, locale: Locale) -> Any:
    """Submit for translation, as the button « Traduire » does, and return what it makes."""
    source, _ = TranslationSource.update_or_create_from_instance(instance)
    translation = Translation.objects.create(source=source, target_locale=locale)
    translation.save_target()
    return instance.get_translation(locale)


def test_whatever_has_words_is_translatable() -> None:
    models = [*checks.page_types(), *get_snippet_models()]

    assert all(issubclass(m, TranslatableMixin) for m in models if m is not Territory)


@pytest.mark.parametrize(
    "make",
    [
        resource_index,
        news_index,
        lambda: ResourcePageFactory(themes=list(Theme.objects.filter(slug="soin")), tags=["a"]),
        lambda: NewsPageFactory(
            body=full_body(ImageFactory(), DocumentFactory(), StandardPageFactory())
        ),
        lambda: StandardPageFactory(
            body=full_body(ImageFactory(), DocumentFactory(), StandardPageFactory())
        ),
        lambda: CampaignPageFactory(slogan="JE gère !"),
        TeamPageFactory,
    ],
    ids=["resource index", "news index", "resource", "news", "standard", "campaign", "team"],
)
def test_a_page_of_each_type_can_be_submitted_for_translation(
    home: HomePage, english: Locale, make: Any
) -> None:
    page = make()
    translate(home, english)
    if page.get_parent().specific != home:
        translate(page.get_parent().specific, english)

    translated = translate(page, english)

    assert translated.locale == english
    assert translated.title == page.title
    assert translated.specific.say("https://example.org").locale == "en"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Theme.objects.get(slug="soin"),
        EmergencyNumberFactory,
        FunderFactory,
    ],
    ids=["theme", "emergency number", "funder"],
)
def test_a_snippet_can_be_submitted_for_translation(english: Locale, make: Any) -> None:
    snippet = make()

    assert translate(snippet, english).locale == english


def test_an_editor_submits_a_page(home: HomePage, english: Locale, editor_client: Client) -> None:
    page = StandardPageFactory(title="À propos", slug="a-propos")
    address = reverse("wagtail_localize:submit_page_translation", args=[page.pk])

    assert editor_client.get(address).status_code == 200
    response = editor_client.post(address, {"locales": [english.pk], "include_subtree": ""})

    assert response.status_code == 302
    translated = StandardPage.objects.get(locale=english)
    assert translated.get_parent().specific == home.get_translation(english)
    editing = editor_client.get(reverse("wagtailadmin_pages:edit", args=[translated.pk]))
    assert editing.status_code == 200
