"""`vocabularies/`, and the terms that come with the database."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from wagtail.models import Locale

from core.models import ResourceType, Territory, Theme

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

    said = get_json(VOCABULARIES)

    assert said["themes"][0] == {"slug": "avant-tout", "label": "Avant tout"}
    assert said["themes"][1]["slug"] == "reperage"


def test_france_has_18_regions_and_101_departments(get_json: Get) -> None:
    said = get_json(VOCABULARIES)["territories"]

    assert len(said) == 18
    departments = [d for region in said for d in region["departments"]]
    assert len({d["code"] for d in departments}) == 101
    assert {d["code"] for d in departments if d["is_overseas"]} == {
        "971",
        "972",
        "973",
        "974",
        "976",
    }
    (north,) = [region for region in said if region["code"] == "R32"]
    assert {d["code"] for d in north["departments"]} == {"02", "59", "60", "62", "80"}
    (corsica,) = [region for region in said if region["name"] == "Corse"]
    assert {d["code"] for d in corsica["departments"]} == {"2A", "2B"}


def test_a_vocabulary_without_terms_in_a_language_is_said_in_french(
    settings: Any, get_json: Get
) -> None:
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [
        ("fr", "Français"),
        ("en", "English"),
    ]
    english = Locale.objects.create(language_code="en")
    term = Theme.objects.get(slug="reperage").copy_for_translation(english)
    term.label = "Spotting the signs"
    term.save()

    said = get_json(VOCABULARIES, locale="en")

    assert said["themes"] == [{"slug": "reperage", "label": "Spotting the signs"}]
    assert said["resource_types"][0]["label"] == "Guide pratique"


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
