"""Atom feeds of the news and of the resources."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

import pytest
from django.test import Client

from tests.factories import ImageFactory, NewsPageFactory, ResourcePageFactory

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

ATOM = "{http://www.w3.org/2005/Atom}"


class Kind(NamedTuple):
    """A feed: where it is, what it is made of, and the section that lists the same."""

    path: str
    make: Any
    day: str
    image: str
    section: str


FEEDS = [
    Kind("/flux/actualites.atom", NewsPageFactory, "date", "image", "/actualites/"),
    Kind("/flux/ressources.atom", ResourcePageFactory, "published_on", "cover", "/ressources/"),
]


def read(client: Client, path: str) -> ElementTree.Element:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)  # noqa: S314 (our own)


@pytest.mark.parametrize("kind", FEEDS, ids=lambda kind: kind.path)
class TestFeeds:
    def test_the_latest_come_first_with_their_addresses(self, client: Client, kind: Kind) -> None:
        kind.make(title="Ancienne", **{kind.day: dt.date(2020, 1, 1)})
        kind.make(title="Récente & <vive>", summary="En bref.", **{kind.day: dt.date(2025, 1, 1)})

        feed = read(client, kind.path)

        entries = feed.findall(f"{ATOM}entry")
        assert [e.findtext(f"{ATOM}title") for e in entries] == ["Récente & <vive>", "Ancienne"]
        assert entries[0].findtext(f"{ATOM}summary") == "En bref."
        assert (
            entries[0]
            .find(f"{ATOM}link")
            .get("href")
            .startswith(f"http://testserver{kind.section}")
        )
        assert entries[0].findtext(f"{ATOM}updated")
        assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == "fr"

    def test_it_is_a_feed_of_its_own_address(
        self, client: Client, kind: Kind, settings: Any
    ) -> None:
        settings.PUBLIC_URL = "https://www.example.org"
        kind.make()

        feed = read(client, kind.path)

        links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
        assert links["self"] == f"https://www.example.org{kind.path}"
        assert links["alternate"] == f"https://www.example.org{kind.section}"
        assert feed.findtext(f"{ATOM}id").startswith("https://www.example.org/")

    def test_an_empty_feed_is_a_feed(self, client: Client, kind: Kind) -> None:
        feed = read(client, kind.path)

        assert feed.findall(f"{ATOM}entry") == []
        assert feed.findtext(f"{ATOM}updated")

    def test_its_cost_does_not_depend_on_its_length(
        self,
        client: Client,
        count_queries: Callable[..., int],
        kind: Kind,
    ) -> None:
        costs = []
        for _ in range(2):
            for _ in range(5):
                kind.make(**{kind.image: ImageFactory()})
            read(client, kind.path)
            costs.append(count_queries(lambda: read(client, kind.path)))

        assert costs[0] == costs[1]
        assert costs[0] <= 8
