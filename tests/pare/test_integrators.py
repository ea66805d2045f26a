"""What programs of others ran into: each told what was wrong, or led where it wanted to go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from newsletter.consent import CONSENT_VERSION
from newsletter.models import Subscriber
from pare.api import api
from resources.models import ResourcePage
from tests.factories import ResourcePageFactory

if TYPE_CHECKING:
    from django.test import Client
pytestmark = pytest.mark.django_db
ORIGIN = "https://application.example"


@pytest.mark.parametrize("debug", [False, True])
def test_what_is_sent_without_the_final_slash_arrives(
    client: Client, settings: Any, debug: bool
) -> None:
    settings.DEBUG = debug
    path = reverse("api_v1:post_subscription").rstrip("/")
    asked = {"email": "lectrice@example.org", "consent": True}
    body = json.dumps({**asked, "consent_version": CONSENT_VERSION})

    answer = client.post(path, body, content_type="application/json", follow=True)

    assert answer.redirect_chain == [(f"{path}/", 308)]
    assert answer.status_code == 202
    assert Subscriber.objects.filter(email="lectrice@example.org").exists()


def test_what_is_read_without_the_final_slash_is_led_as_ever(client: Client) -> None:
    answer = client.get("/api/v1/resources?limit=1")

    assert (answer.status_code, answer["Location"]) == (301, "/api/v1/resources/?limit=1")


def test_a_post_to_nowhere_is_nowhere(client: Client) -> None:
    answer = client.post("/api/v1/nulle-part", {}, follow=True)

    assert answer.status_code == 404, answer.content


def test_a_browser_on_another_origin_may_ask_whether_anything_changed(client: Client) -> None:
    headers = {
        "origin": ORIGIN,
        "access-control-request-method": "GET",
        "access-control-request-headers": "if-none-match",
    }

    asked = client.options("/api/v1/resources/", headers=headers)
    answer = client.get("/api/v1/resources/", headers={"origin": ORIGIN})

    assert "if-none-match" in asked["Access-Control-Allow-Headers"].split(", ")
    exposed = answer["Access-Control-Expose-Headers"].split(", ")
    assert set(exposed) == {"ETag", "Retry-After", "Content-Disposition", "X-Request-ID"}


def reads_with(parameter: str) -> list[str]:
    """Return the reads that take a parameter, without a part of their path to fill in."""
    return [
        path
        for path, methods in api.get_openapi_schema()["paths"].items()
        if "{" not in path
        and parameter in {each["name"] for each in methods.get("get", {}).get("parameters", ())}
    ]


READS_IN_A_LANGUAGE = reads_with("locale")
NEEDED = {"/api/v1/resolve/": {"path": "/"}, "/api/v1/events/calendar/": {"calendar": "2026-12"}}


@pytest.mark.parametrize("path", READS_IN_A_LANGUAGE)
def test_a_language_that_the_site_has_not_is_refused_by_each_read(
    client: Client, path: str
) -> None:
    answer = client.get(path, {**NEEDED.get(path, {}), "locale": "xx"})

    assert answer.status_code == 422, answer.content
    [error] = answer.json()["errors"]
    assert error["location"] == ["query", "locale"]
    assert error["code"] == "unknown_language"
    assert error["message"] == "The languages of this site are: fr, en, ar."


@pytest.mark.parametrize("path", READS_IN_A_LANGUAGE)
def test_a_language_is_known_whatever_its_case(client: Client, path: str) -> None:
    asked = NEEDED.get(path, {})

    answer = client.get(path, {**asked, "locale": "FR"})

    assert answer.status_code == 200, answer.content


def test_the_contract_names_the_languages() -> None:
    operation = api.get_openapi_schema()["paths"]["/api/v1/resources/"]["get"]
    [locale] = [each for each in operation["parameters"] if each["name"] == "locale"]

    assert locale["schema"]["enum"] == ["fr", "en", "ar"]


@pytest.mark.parametrize("header", ["Bearer faux", "Bearer", "bearer faux"])
def test_a_wrong_token_is_refused_and_not_passed_over(client: Client, header: str) -> None:
    answer = client.get("/api/v1/structures/", headers={"authorization": header})

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == "Bearer"


def test_what_is_no_bearer_token_is_the_business_of_a_proxy(client: Client) -> None:
    answer = client.get("/api/v1/structures/", headers={"authorization": "Basic cGFyZTpwYXJl"})

    assert answer.status_code == 200


@pytest.mark.parametrize("slug", ["hôtels-été", "دليل", "naïve_ça", "1"])
def test_a_path_that_the_api_gives_comes_back(client: Client, slug: str) -> None:
    page: ResourcePage = ResourcePageFactory(title="Un guide", slug=slug)
    [path] = [each["path"] for each in client.get("/api/v1/resources/").json()["items"]]

    for given in (path, f"/ressources/{slug}/", path.rstrip("/"), f"/{path}"):
        found = client.get("/api/v1/resolve/", {"path": given})
        assert found.status_code == 200, (given, found.content)
        assert found.json()["page"]["id"] == page.pk
