"""`site/`: what surrounds every page."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from wagtail.models import Locale

from home.models import HomePage, SiteSettings
from tests.factories import (
    CampaignPageFactory,
    EmergencyNumberFactory,
    FunderFactory,
    ImageFactory,
    StandardPageFactory,
    publish,
    stream,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.snapshots import Snapshots

    Get = Callable[..., Any]

pytestmark = pytest.mark.django_db

SITE = "/api/v1/site/"


def configure(**values: Any) -> SiteSettings:
    conf = SiteSettings.load()
    for name, value in values.items():
        setattr(conf, name, value)
    conf.save()
    return conf


def test_a_new_site_answers_before_anything_is_configured(home: HomePage, get_json: Get) -> None:
    data = get_json(SITE)

    assert data["name"] == "Projet PARÉ"
    assert data["home"]["path"] == "/"
    assert data["search"]["path"] == "/recherche/"
    assert data["quick_exit_url"].startswith("https://")
    assert data["languages"] == [
        {"locale": "fr", "name": "Français", "home": {**data["home"]}},
    ]
    assert data["safety_link"] is None
    assert data["legal_links"] == data["funders"] == []
    assert [link["path"] for link in data["menu"]] == ["/contribuer/"]


def test_the_name_and_the_operator_are_in_each_language(home: HomePage, get_json: Get) -> None:
    english = home.copy_for_translation(Locale.objects.create(language_code="en"))
    english.site_name, english.operator = "PARÉ project", "Example association"
    publish(english)

    data = get_json(SITE, locale="en")

    assert (data["name"], data["operator"]) == ("PARÉ project", "Example association")
    assert get_json(SITE)["name"] == "Projet PARÉ"


def test_numbers_are_in_order_with_what_a_telephone_opens(get_json: Get) -> None:
    EmergencyNumberFactory(number="114", label="SMS", channel="sms", sort_order=2)
    EmergencyNumberFactory(
        number="116 000", sort_order=1, is_prominent=True, verified_on=dt.date(2025, 1, 2)
    )

    data = get_json(SITE)["emergency_numbers"]

    assert [(n["uri"], n["channel"], n["is_prominent"]) for n in data] == [
        ("tel:116000", "call", True),
        ("sms:114", "sms", False),
    ]
    assert data[0]["verified_on"] == "2025-01-02"


def test_the_menu_holds_the_pages_that_editors_put_in_it_then_the_way_to_contribute(
    home: HomePage, get_json: Get
) -> None:
    StandardPageFactory(title="Comprendre", show_in_menus=True)
    StandardPageFactory(title="Mentions")
    CampaignPageFactory(title="Campagne", show_in_menus=True)

    menu = [link["title"] for link in get_json(SITE)["menu"]]
    assert menu == ["Comprendre", "Campagne", "Contribuer"]


def test_legal_pages_come_in_their_order_and_safety_by_itself(
    home: HomePage, get_json: Get
) -> None:
    pages = {
        name: StandardPageFactory(title=name)
        for name in ("accessibility_page", "legal_page", "contact_page", "safety_page")
    }
    configure(**pages)

    data = get_json(SITE)

    assert [link["title"] for link in data["legal_links"]] == [
        "contact_page",
        "legal_page",
        "accessibility_page",
    ]
    assert data["safety_link"]["title"] == "safety_page"


def test_settings_can_point_at_pages_that_were_deleted(home: HomePage, get_json: Get) -> None:
    page = StandardPageFactory()
    configure(legal_page=page, safety_page=page)
    page.delete()

    data = get_json(SITE)

    assert data["legal_links"] == []
    assert data["safety_link"] is None


def test_it_costs_the_same_however_many_pages_and_numbers(
    home: HomePage, get_json: Get, count_queries: Callable[..., int]
) -> None:
    costs = []
    for _ in range(2):
        for _ in range(4):
            StandardPageFactory(show_in_menus=True)
            EmergencyNumberFactory()
            FunderFactory(logo=ImageFactory())
        get_json(SITE)
        costs.append(count_queries(lambda: get_json(SITE)))

    assert costs[0] == costs[1]
    assert costs[0] <= 14


@pytest.fixture
def english(settings: Any) -> Locale:
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [
        ("fr", "Français"),
        ("en", "English"),
    ]
    return Locale.objects.create(language_code="en")


def test_what_is_not_translated_is_given_in_french(
    home: HomePage, english: Locale, get_json: Get
) -> None:
    number = EmergencyNumberFactory(label="Enfance en danger")
    EmergencyNumberFactory(number="17", label="Police", sort_order=9)
    FunderFactory(name="Ministère")
    translated = number.copy_for_translation(english)
    translated.label = "Children in danger"
    translated.save()

    data = get_json(SITE, locale="en")

    # A number that nobody has translated yet must not disappear.
    labels = [n["label"] for n in data["emergency_numbers"]]
    assert labels == ["Children in danger", "Police"]
    assert [f["name"] for f in data["funders"]] == ["Ministère"]
    assert get_json(SITE)["emergency_numbers"][0]["label"] == "Enfance en danger"


def test_only_languages_with_a_visible_home_page_are_offered(
    home: HomePage, english: Locale, get_json: Get
) -> None:
    translated = home.copy_for_translation(english)
    assert [each["locale"] for each in get_json(SITE)["languages"]] == ["fr"]

    translated.title = "PARÉ Project"
    publish(translated)

    data = get_json(SITE)["languages"]
    assert [(each["locale"], each["home"]["path"]) for each in data] == [
        ("fr", "/"),
        ("en", "/en/"),
    ]


def test_an_unknown_parameter_is_refused(get_json: Get) -> None:
    assert get_json(SITE, status=422, lang="fr")["errors"][0]["location"] == ["query", "lang"]


def test_golden(home: HomePage, get_json: Get, snapshots: Snapshots) -> None:
    legal = StandardPageFactory(title="Mentions légales", slug="mentions-legales")
    safety = StandardPageFactory(title="Naviguer en sécurité", slug="securite")
    StandardPageFactory(title="Comprendre", slug="comprendre", show_in_menus=True)
    EmergencyNumberFactory(
        note="gratuit, 24 h/24", is_prominent=True, verified_on=dt.date(2025, 1, 2)
    )
    EmergencyNumberFactory(number="114", label="Urgences", channel="sms", sort_order=1)
    FunderFactory(name="Ministère", url="https://example.org/", logo=ImageFactory())
    home.tagline = "Comprendre et agir"
    home.operator = "Association Exemple"
    publish(home)
    configure(
        contact_email="contact@example.org",
        contact_phone="01 02 03 04 05",
        social_links=stream(("link", {"name": "LinkedIn", "url": "https://social.example.org/p"})),
        legal_page=legal,
        safety_page=safety,
    )

    snapshots.check("site", get_json(SITE))
