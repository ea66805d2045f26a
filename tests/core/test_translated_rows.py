"""What has no drafts has one row and one form for all of its languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from wagtail.models import DraftStateMixin, Locale, TranslatableMixin
from wagtail.snippets.models import get_snippet_models
from wagtail_localize.models import TranslationSource

from core.admin.translated_rows import is_translated_row
from core.models import Theme
from home.models import EmergencyNumber
from tests.factories import EmergencyNumberFactory, FunderFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.models import User
    from home.models import HomePage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def locales(db: None) -> dict[str, Locale]:
    return {
        code: Locale.objects.get_or_create(language_code=code)[0] for code in ("fr", "en", "ar")
    }


@pytest.fixture
def client(director: User) -> Client:
    client = Client()
    client.force_login(director)
    return client


def address(row: Any, view: str = "edit") -> str:
    return reverse(type(row).snippet_viewset.get_url_name(view), args=[row.pk])


def form_of(client: Client, at: str) -> dict[str, Any]:
    response = client.get(at)
    assert response.status_code == 200, response
    form = response.context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {
        name: value for name, value in values.items() if value is not None and value is not False
    }


def save(client: Client, row: Any, **values: Any) -> Any:
    at = address(row)
    response = client.post(at, form_of(client, at) | values)
    if response.status_code == 302:
        row.refresh_from_db()
        return None
    return response.context["form"].errors


def in_language(row: Any, code: str) -> Any:
    return row.get_translations().filter(locale__language_code=code).first()


def listed(client: Client, model: type[Any]) -> list[Any]:
    response = client.get(reverse(model.snippet_viewset.get_url_name("list")))
    return list(response.context["object_list"])


def test_whatever_has_translations_and_no_drafts_is_translated_in_its_form() -> None:
    assert {
        model
        for model in get_snippet_models()
        if issubclass(model, TranslatableMixin) and not issubclass(model, DraftStateMixin)
    } == {model for model in get_snippet_models() if is_translated_row(model)}


def test_a_number_is_translated_where_it_is_written(client: Client, home: HomePage) -> None:
    number = EmergencyNumberFactory(number="119", label="Enfance en danger", note="gratuit")

    errors = save(client, number, label_en="Children in danger", label_ar="أطفال في خطر")

    assert errors is None
    english = in_language(number, "en")
    # What is left blank is read in French.
    assert (english.number, english.label, english.note) == (
        "119",
        "Children in danger",
        "gratuit",
    )
    assert in_language(number, "ar").label == "أطفال في خطر"
    assert "Children in danger" in client.get("/api/v1/site/?locale=en").content.decode()
    shown = form_of(client, address(number))
    assert (shown["label_en"], shown.get("note_en")) == ("Children in danger", "")


def test_what_is_read_in_french_follows_it(client: Client) -> None:
    number = EmergencyNumberFactory(number="119", label="Enfance en danger", note="gratuit")
    save(client, number, label_en="Children in danger", note_ar="مجاني")

    save(client, number, number="3018", label="Violences numériques", note="24 h/24")

    english, arabic = in_language(number, "en"), in_language(number, "ar")
    assert (english.number, english.label, english.note) == (
        "3018",
        "Children in danger",
        "24 h/24",
    )
    assert (arabic.number, arabic.label, arabic.note) == ("3018", "Violences numériques", "مجاني")


def test_a_translation_without_words_is_none(client: Client) -> None:
    number = EmergencyNumberFactory(number="119", label="Enfance en danger")
    save(client, number, label_en="Children in danger")

    save(client, number, label_en="")

    assert in_language(number, "en") is None


def test_a_new_term_is_born_with_its_translations(client: Client) -> None:
    at = reverse(Theme.snippet_viewset.get_url_name("add"))

    response = client.post(
        at, {"label": "Réduction", "slug": "reduction", "sort_order": 3, "label_en": "Reduction"}
    )

    assert response.status_code == 302
    term = Theme.objects.get(slug="reduction", locale__language_code="fr")
    english = in_language(term, "en")
    assert (english.label, english.slug, english.sort_order) == ("Reduction", "reduction", 3)
    assert in_language(term, "ar") is None


def test_what_was_typed_survives_an_error(client: Client) -> None:
    term = Theme.objects.get(slug="soin")

    errors = save(client, term, label_en="x" * 121)

    assert list(errors) == ["label_en"]
    assert in_language(term, "en") is None
    response = client.post(
        address(term), form_of(client, address(term)) | {"label": "", "label_en": "Care"}
    )
    assert 'value="Care"' in response.content.decode()


def test_a_list_has_one_row_for_a_thing_and_shows_its_languages(client: Client) -> None:
    number = EmergencyNumberFactory(number="119", label="Enfance en danger")
    save(client, number, label_en="Children in danger")
    alone = EmergencyNumberFactory(number="116 000", locale=Locale.objects.get(language_code="ar"))

    assert {row.pk for row in listed(client, EmergencyNumber)} == {number.pk, alone.pk}
    screen = client.get(reverse(EmergencyNumber.snippet_viewset.get_url_name("list")))
    shown = screen.content.decode()
    assert ">Anglais<" in shown.replace("\n", "").replace(" ", "")
    assert "Children in danger" in shown
    # What is in Arabic alone keeps a form, without words in other languages.
    assert "label_en" not in form_of(client, address(alone))


def test_nothing_leads_to_another_way_of_translating(client: Client) -> None:
    number = EmergencyNumberFactory(number="119", label="Enfance en danger")
    save(client, number, label_en="Children in danger")

    for at in (reverse(EmergencyNumber.snippet_viewset.get_url_name("list")), address(number)):
        shown = client.get(at).content.decode()
        assert "/localize/submit/" not in shown
        assert "locale=" not in shown
    assert not TranslationSource.objects.filter(object_id=number.translation_key).exists()


def test_the_address_of_a_translation_leads_to_the_form_of_its_row(client: Client) -> None:
    number = EmergencyNumberFactory(number="119", label="Enfance en danger")
    save(client, number, label_en="Children in danger")

    response = client.get(address(in_language(number, "en")))

    assert (response.status_code, response["Location"]) == (302, address(number))


def test_it_is_deleted_in_every_language(client: Client) -> None:
    funder = FunderFactory(name="DGCS")
    save(client, funder, name_en="Department")

    client.post(address(funder, "delete"))

    assert not type(funder).objects.filter(translation_key=funder.translation_key).exists()


def test_deleting_a_translation_leaves_the_french(client: Client) -> None:
    funder = FunderFactory(name="DGCS")
    save(client, funder, name_en="Department")

    in_language(funder, "en").delete()

    funder.refresh_from_db()


def test_a_list_costs_the_same_for_two_rows_and_eight(
    client: Client, count_queries: Callable[[Callable[[], Any]], int]
) -> None:
    def make(count: int) -> None:
        for position in range(count):
            number = EmergencyNumberFactory(number=str(position))
            english = number.copy_for_translation(Locale.objects.get(language_code="en"))
            english.save()

    make(2)
    listed(client, EmergencyNumber)
    few = count_queries(lambda: listed(client, EmergencyNumber))
    make(6)

    assert count_queries(lambda: listed(client, EmergencyNumber)) == few
