"""Facts are the same in every language the moment they are saved: a number, a link, a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from wagtail.models import DraftStateMixin, Locale, TranslatableMixin
from wagtail.snippets.models import get_snippet_models
from wagtail_localize.fields import TranslatableField, get_translatable_fields

from core.languages.facts import facts_of
from core.models import ContentVersion, Theme
from tests.factories import EmergencyNumberFactory, FunderFactory, ImageFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from home.models import HomePage

pytestmark = pytest.mark.django_db

TRANSLATED = [
    model
    for model in get_snippet_models()
    if issubclass(model, TranslatableMixin) and not issubclass(model, DraftStateMixin)
]


@pytest.fixture
def arabic(db: None) -> Locale:
    return Locale.objects.get_or_create(language_code="ar")[0]


def in_language(row: Any, locale: Locale, **values: Any) -> Any:
    found = row.copy_for_translation(locale)
    for name, value in values.items():
        setattr(found, name, value)
    found.save()
    return found


@pytest.mark.parametrize("model", TRANSLATED, ids=lambda model: model.__name__)
def test_what_is_no_text_is_a_fact(model: type[models.Model]) -> None:
    texts = {
        field.field_name
        for field in get_translatable_fields(model)
        if isinstance(field, TranslatableField)
    }
    bookkeeping = {"id", "locale", "translation_key", "latest_revision"}
    columns = {field.name for field in model._meta.concrete_fields} - bookkeeping

    assert set(facts_of(model)) == columns - texts


def test_there_are_models_with_facts() -> None:
    assert {apps.get_model("home", "EmergencyNumber"), Theme} <= set(TRANSLATED)


def test_a_number_that_changes_in_french_changes_in_every_language(
    home: HomePage, arabic: Locale
) -> None:
    number = EmergencyNumberFactory(number="119", is_prominent=True)
    other = in_language(number, arabic, label="الطفولة في خطر")
    before = ContentVersion.current()

    number.number = "3018"
    number.verified_on = "2026-11-27"
    number.save()

    other.refresh_from_db()
    assert (other.number, str(other.verified_on)) == ("3018", "2026-11-27")
    assert other.label == "الطفولة في خطر"
    assert ContentVersion.current() != before
    assert "3018" in Client().get("/api/v1/site/?locale=ar").content.decode()
    assert '"119"' not in Client().get("/api/v1/site/?locale=ar").content.decode()


def test_a_translation_has_no_other_facts(arabic: Locale) -> None:
    funder = FunderFactory(name="DGCS", url="https://www.example.org/")
    other = in_language(funder, arabic, name="المديرية", url="https://ailleurs.example/")
    other.url, other.logo = "https://ailleurs.example/", ImageFactory()

    other.save()

    assert (other.url, other.logo_id) == (funder.url, None)
    other.refresh_from_db()
    assert (other.url, other.logo_id, other.name) == (funder.url, None, "المديرية")


def test_what_has_no_french_row_keeps_its_own(arabic: Locale) -> None:
    number = EmergencyNumberFactory(number="116 000", locale=arabic)

    number.number = "116 111"
    number.save()

    number.refresh_from_db()
    assert number.number == "116 111"


def test_saving_asks_for_no_more_with_more_languages(
    arabic: Locale, count_queries: Callable[[Callable[[], Any]], int]
) -> None:
    number = EmergencyNumberFactory(number="119")
    in_language(number, arabic)
    few = count_queries(number.save)
    for code in ("en", "uk"):
        in_language(number, Locale.objects.get_or_create(language_code=code)[0])

    assert count_queries(number.save) == few
