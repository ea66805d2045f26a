"""`vocabularies/`, and the terms that come with the database."""

from __future__ import annotations

import datetime as dt
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from wagtail.models import Locale

from core.models import Audience, ResourceType, Territory, Theme
from tests.factories import ResourcePageFactory
from tests.factories.pages import published_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.snapshots import Snapshots

    Get = Callable[..., Any]

pytestmark = pytest.mark.django_db

VOCABULARIES = "/api/v1/vocabularies/"


def test_terms_come_in_their_order(get_json: Get) -> None:
    Theme.objects.create(
        locale=Locale.get_default(), label="Avant tout", slug="avant-tout", sort_order=1
    )

    data = get_json(VOCABULARIES)

    assert data["themes"][0] == {"slug": "avant-tout", "label": "Avant tout"}
    assert data["themes"][1]["slug"] == "reperage"


def test_france_has_18_regions_and_101_departments(get_json: Get) -> None:
    data = get_json(VOCABULARIES)["territories"]

    assert len(data) == 18
    departments = [d for region in data for d in region["departments"]]
    assert len({d["code"] for d in departments}) == 101
    assert {d["code"] for d in departments if d["is_overseas"]} == {
        "971",
        "972",
        "973",
        "974",
        "976",
    }
    (north,) = [region for region in data if region["code"] == "R32"]
    assert {d["code"] for d in north["departments"]} == {"02", "59", "60", "62", "80"}
    (corsica,) = [region for region in data if region["name"] == "Corse"]
    assert {d["code"] for d in corsica["departments"]} == {"2A", "2B"}


def test_a_term_that_is_not_translated_is_given_in_french(settings: Any, get_json: Get) -> None:
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [
        ("fr", "Français"),
        ("en", "English"),
    ]
    english = Locale.objects.create(language_code="en")
    term = Theme.objects.get(slug="reperage").copy_for_translation(english)
    term.label = "Spotting the signs"
    term.save()

    data = get_json(VOCABULARIES, locale="en")

    assert data["themes"][:2] == [
        {"slug": "reperage", "label": "Spotting the signs"},
        {"slug": "orientation", "label": "Orientation"},
    ]
    assert len(data["themes"]) == len(get_json(VOCABULARIES)["themes"])
    assert data["resource_types"][0]["label"] == "Guide pratique"


def test_two_terms_of_a_language_cannot_share_a_slug() -> None:
    with pytest.raises(ValidationError):
        ResourceType(locale=Locale.get_default(), label="Double", slug="guide").full_clean()


@pytest.mark.parametrize(
    "code,is_valid", [("59", True), ("2A", True), ("974", True), ("R32", True), ("2C", False)]
)
def test_a_territory_has_an_insee_code(code: str, is_valid: bool) -> None:
    territory = Territory(kind="region", code=code, name="X", zone="metro")
    errors = {}

    try:
        territory.clean_fields()
    except ValidationError as refused:
        errors = refused.message_dict

    assert ("code" not in errors) is is_valid


@pytest.mark.parametrize("name", ["0003_territories", "0004_vocabularies"])
def test_loading_the_data_again_adds_nothing_and_keeps_what_editors_changed(name: str) -> None:
    Theme.objects.filter(slug="reperage").update(label="Changé")
    Theme.objects.filter(slug="handicap").delete()
    before = Territory.objects.count(), ResourceType.objects.count()

    import_module(f"core.migrations.{name}").load(apps, None)

    assert (Territory.objects.count(), ResourceType.objects.count()) == before
    assert Theme.objects.get(slug="reperage").label == "Changé"


def test_it_costs_one_query_for_each_vocabulary(
    get_json: Get, count_queries: Callable[..., int]
) -> None:
    assert count_queries(lambda: get_json(VOCABULARIES)) <= 8


def test_golden(get_json: Get, snapshots: Snapshots) -> None:
    snapshots.check("vocabularies", get_json(VOCABULARIES))


def test_terms_are_in_the_language_asked_for_wherever_they_are(
    home: Any, get_json: Any, count_queries: Any
) -> None:
    english = Locale.objects.create(language_code="en")
    theme = Theme.objects.get(slug="soin")
    in_english = theme.copy_for_translation(english)
    in_english.label = "Care"
    in_english.save()

    def publish() -> Any:
        page = ResourcePageFactory(
            themes=[theme, Theme.objects.get(slug="fugue")],
            published_on=dt.date(2024, 4, 3),
        )
        return published_in("en", page, slug=f"in-english-{page.translation_key}")

    page = publish()

    data = get_json("/api/v1/resources/", locale="en", facets="true")
    (item,) = data["items"]
    detail = get_json(f"/api/v1/resources/{page.pk}/")
    for each in (item, detail):
        labels = {term["slug"]: term["label"] for term in each["themes"]}
        assert labels == {"soin": "Care", "fugue": "Fugue et disparition"}
        assert each["published_on"]["label"] == "April 3, 2024"
    (facet,) = (facet for facet in data["facets"] if facet["name"] == "theme")
    assert {value["label"] for value in facet["values"]} == {"Care", "Fugue et disparition"}
    assert get_json("/api/v1/resources/")["items"][0]["themes"][0]["label"] != "Care"

    few = count_queries(lambda: get_json("/api/v1/resources/", locale="en", limit=50))
    for _each in range(5):
        publish()
    assert count_queries(lambda: get_json("/api/v1/resources/", locale="en", limit=50)) == few


def test_editors_choose_among_french_terms_alone(home: Any) -> None:
    page = ResourcePageFactory()
    english = Locale.objects.create(language_code="en")
    for model, slug in ((Theme, "soin"), (Audience, "parents"), (ResourceType, "guide")):
        model.objects.get(slug=slug).copy_for_translation(english).save()
    form = page.get_edit_handler().get_form_class()()

    for name in ("themes", "audiences", "resource_type"):
        chosen = form.fields[name].queryset.values_list("locale__language_code", flat=True)
        assert set(chosen) == {"fr"}, name
