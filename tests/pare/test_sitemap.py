"""What robots are told; that nothing hidden is in it is in test_visibility."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from django.test import Client

from home.models import HomePage
from tests.factories import NewsPageFactory, ResourcePageFactory, StandardPageFactory

pytestmark = pytest.mark.django_db

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def locations(client: Client) -> list[str]:
    response = client.get("/sitemap.xml")
    assert response.status_code == 200
    root = ElementTree.fromstring(response.content)  # noqa: S314 (our own)
    return [node.text or "" for node in root.findall("s:url/s:loc", NAMES)]


def test_the_sitemap_holds_every_visible_page(home: HomePage, client: Client) -> None:
    pages = [home, StandardPageFactory(), ResourcePageFactory(), NewsPageFactory()]

    found = locations(client)

    assert {page.url for page in pages} <= {loc.removeprefix("http://testserver") for loc in found}
    assert len(found) == len(set(found))


def test_its_cost_does_not_depend_on_the_number_of_pages(
    home: HomePage, client: Client, count_queries
) -> None:
    costs = []
    for _ in range(2):
        for _ in range(5):
            StandardPageFactory()
        client.get("/sitemap.xml")
        costs.append(count_queries(lambda: client.get("/sitemap.xml")))

    assert costs[0] == costs[1]


def test_addresses_start_with_the_public_one(home: HomePage, client: Client, settings) -> None:
    settings.PUBLIC_URL = "https://www.example.org"

    assert locations(client)[0] == "https://www.example.org/"


def test_robots_are_told_where_the_sitemap_is(client: Client, settings) -> None:
    settings.PUBLIC_URL = "https://www.example.org"

    response = client.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    lines = response.content.decode().splitlines()
    assert "Disallow: /admin/" in lines
    assert "Sitemap: https://www.example.org/sitemap.xml" in lines
