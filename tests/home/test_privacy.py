"""The page of what the site keeps of its visitors is written from the registry."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from core.privacy.registry import processings
from home.models import SiteSettings

pytestmark = pytest.mark.django_db


def test_it_has_every_processing_of_visitors_and_none_of_the_team(client: Client) -> None:
    notice = client.get("/api/v1/privacy/").json()

    assert [each["key"] for each in notice["processings"]] == [
        each.key for each in processings() if each.is_for_visitors
    ]
    assert "activity" not in {each["key"] for each in notice["processings"]}
    for each in notice["processings"]:
        assert each["kept"]
        assert each["readers"]
    newsletter = {each["key"]: each for each in notice["processings"]}["newsletter"]
    assert any(kept.startswith("1 an après un désabonnement") for kept in newsletter["kept"])


def test_the_page_has_all_that_the_api_gives(client: Client) -> None:
    conf = SiteSettings.load()
    conf.contact_email = "contact@example.org"
    conf.save()
    notice = client.get("/api/v1/privacy/").json()

    page = re.sub(r"\s+", " ", client.get("/vos-donnees/").content.decode().replace("\xa0", " "))
    page = page.replace("\u202f", " ").replace("’", "&#x27;")

    words = [*notice["rights"], notice["contact_email"], notice["summary"]]
    words += [each["text"] for each in notice["consents"]]
    for each in notice["processings"]:
        words += [each["name"], each["purpose"], each["data"][1:], *each["kept"], each["remains"]]
    for each in words:
        assert escape(each) in page


@pytest.mark.parametrize("language", ["en", "ar"])
def test_it_is_in_every_language(client: Client, language: str) -> None:
    def words(locale: str) -> list[str]:
        notice = client.get("/api/v1/privacy/", {"locale": locale}).json()
        return [
            text
            for each in notice["processings"]
            for text in (
                *(each["name"], each["purpose"], each["people"], each["data"]),
                *(each["legal_basis"], *each["kept"]),
            )
        ] + notice["rights"]

    french, other = words("fr"), words(language)

    assert len(french) == len(other)
    assert set(french) & set(other) == set()
    assert client.get(f"/{language}/vos-donnees/").status_code == 200


def test_the_foot_of_each_page_and_each_form_lead_there(client: Client) -> None:
    assert client.get("/api/v1/site/").json()["privacy"]["path"] == "/vos-donnees/"
    for path in (reverse("newsletter:subscribe"), "/contribuer/actualite/"):
        page = client.get(path).content.decode()
        form = page[
            page.index('name="consent_version"') : page.index("</form>", page.index("consent_v"))
        ]
        assert 'href="/vos-donnees/"' in form
        assert 'href="/vos-donnees/"' in page[page.index("<footer") :]


def test_caches_may_keep_it_and_it_sets_no_cookie(client: Client, settings: Any) -> None:
    settings.RESPONSE_CACHE_SECONDS = 60
    response = client.get("/vos-donnees/")

    assert response["Cache-Control"].startswith("public")
    assert not response.cookies


def test_it_costs_the_same_whatever_it_has(client: Client, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_max_num_queries(25):
        client.get("/api/v1/privacy/")
