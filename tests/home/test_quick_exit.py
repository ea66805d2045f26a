"""The address to which « Quitter vite » leads without JavaScript."""

from __future__ import annotations

import html5lib
import pytest
from django.db import DatabaseError
from django.test import Client
from wagtail.models import PageViewRestriction

from home.models import SiteSettings
from tests.factories import StandardPageFactory

pytestmark = pytest.mark.django_db

NEUTRAL = "https://météo.example/?a=1&b=2"


@pytest.fixture(autouse=True)
def _neutral_page() -> None:
    SiteSettings.objects.update_or_create(defaults={"quick_exit_url": NEUTRAL})


def test_every_page_leads_to_it(client: Client) -> None:
    for path in ("/", "/rien/", "/api/v1/docs/"):
        content = client.get(path).content.decode()

        assert 'href="/quitter/"' in content, path
        assert 'data-neutral="https://météo.example/?a=1&amp;b=2"' in content, path


def test_it_is_empty_and_goes_on_at_once(client: Client) -> None:
    response = client.get("/quitter/")

    assert response.status_code == 200
    assert response["Refresh"] == "0; url=https://m%C3%A9t%C3%A9o.example/?a=1&b=2"
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    assert "PARÉ" not in response.content.decode()
    body = html5lib.parse(response.content, namespaceHTMLElements=False).find("body")
    assert "".join(body.itertext()).split() == ["…"]
    assert [link.get("href") for link in body.iter("a")] == [NEUTRAL]


def test_it_leads_away_while_the_database_is_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise DatabaseError

    monkeypatch.setattr(SiteSettings, "load", fail)

    response = client.get("/quitter/")

    assert response.status_code == 200
    assert response["Refresh"] == "0; url=https://www.meteofrance.com/"


def test_a_page_with_a_password_has_it_too(client: Client) -> None:
    page = StandardPageFactory(title="Fermée", slug="fermee")
    PageViewRestriction.objects.create(
        page=page, restriction_type=PageViewRestriction.PASSWORD, password="un mot"
    )

    response = client.get("/fermee/")

    content = response.content.decode()
    assert content.index("quick-exit.js") < content.index("<title>")
    assert 'href="/quitter/"' in content
    action = (
        html5lib.parse(content, namespaceHTMLElements=False).find(".//main//form").get("action")
    )
    opened = client.post(action, {"password": "un mot", "return_url": "/fermee/"}, follow=True)
    assert "Fermée" in opened.content.decode()
