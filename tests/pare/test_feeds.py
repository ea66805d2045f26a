"""Atom feeds of the news and of the resources."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from importlib import import_module
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID
from xml.etree import ElementTree

import pytest
import time_machine
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from django.utils.module_loading import module_has_submodule
from wagtail.models import Locale

from published.listings import Listing
from resources.models import ResourceAuthor
from tests.factories import ImageFactory, NewsPageFactory, ResourcePageFactory, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from home.models import HomePage

pytestmark = pytest.mark.django_db

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
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


def language(code: str) -> Locale:
    return Locale.objects.get_or_create(language_code=code)[0]


def read(client: Client, path: str) -> ElementTree.Element:
    response = client.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(response.content)  # noqa: S314 (our own)


def check_rfc_4287(feed: ElementTree.Element) -> None:
    """Check what the standard of Atom requires of a feed (4.1.1, 4.1.2) and of its parts."""
    assert feed.tag == f"{ATOM}feed"
    entries = feed.findall(f"{ATOM}entry")
    identifiers = [each.findtext(f"{ATOM}id") or "" for each in (feed, *entries)]
    assert len(set(identifiers)) == len(identifiers)
    assert all(UUID(each.removeprefix("urn:uuid:")).version == 5 for each in identifiers)
    assert feed.find(f"{ATOM}author") is not None
    for each in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(each.findall(f"{ATOM}{name}")) == 1, name
        for name in ("subtitle", "summary", "published"):
            assert len(each.findall(f"{ATOM}{name}")) <= 1, name
        for author in each.findall(f"{ATOM}author"):
            assert len(author.findall(f"{ATOM}name")) == 1
            assert author.findtext(f"{ATOM}name")
        for name in ("updated", "published"):
            if (text := each.findtext(f"{ATOM}{name}")) is not None:
                assert RFC_3339.fullmatch(text), text
        kinds = [(link.get("rel"), link.get("hreflang")) for link in each.findall(f"{ATOM}link")]
        assert len(kinds) == len(set(kinds))
        # There is no content: a link to it is needed (4.1.2).
        assert "alternate" in dict(kinds)
        for link in each.findall(f"{ATOM}link"):
            assert urlsplit(link.get("href")).netloc
    assert "self" in {link.get("rel") for link in feed.findall(f"{ATOM}link")}
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang")


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
        settings.PUBLIC_URL = "https://ailleurs.example"
        assert feed.findtext(f"{ATOM}id") == read(client, kind.path).findtext(f"{ATOM}id")

    def test_it_keeps_the_musts_of_its_standard(self, client: Client, kind: Kind) -> None:
        kind.make()
        names = ["Ana & co", "Bo"] if kind.make is ResourcePageFactory else []
        kind.make(**({"authors": [ResourceAuthor(name=name) for name in names]} if names else {}))

        feed = read(client, kind.path)

        check_rfc_4287(feed)
        authors = feed.findall(f"{ATOM}entry/{ATOM}author")
        assert [each.findtext(f"{ATOM}name") for each in authors] == names

    def test_an_identifier_outlives_an_address(self, client: Client, kind: Kind) -> None:
        page = kind.make(slug="avant")
        before = read(client, kind.path)
        page.slug = "apres"
        publish(page)
        section = type(page.get_parent().specific).objects.get(pk=page.get_parent().pk)
        section.slug = "ailleurs"
        publish(section)

        after = read(client, kind.path)

        assert after.find(f"{ATOM}entry/{ATOM}link").get("href").endswith("/ailleurs/apres/")
        for name in (f"{ATOM}id", f"{ATOM}entry/{ATOM}id"):
            assert before.findtext(name) == after.findtext(name)

    def test_an_empty_feed_is_a_feed(self, client: Client, kind: Kind) -> None:
        feed = read(client, kind.path)

        check_rfc_4287(feed)
        assert feed.findall(f"{ATOM}entry") == []
        updated = feed.findtext(f"{ATOM}updated")
        # Reading changes nothing, however much later.
        cache.clear()
        with time_machine.travel(dt.timedelta(days=2)):
            assert read(client, kind.path).findtext(f"{ATOM}updated") == updated

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

    @pytest.mark.parametrize("locale", ["fr", "en", "ar"])
    def test_each_language_has_its_own(self, home: HomePage, kind: Kind, locale: str) -> None:
        page = kind.make(title="fr")
        parents = [home, page.get_parent().specific]
        for code in ("en", "ar"):
            translated = [p.copy_for_translation(language(code)) for p in (*parents, page)]
            translated[-1].title = code
            for copy in translated:
                publish(copy)
        prefix = "" if locale == "fr" else f"/{locale}"

        feed = read(Client(), f"{prefix}{kind.path}")

        assert [e.findtext(f"{ATOM}title") for e in feed.findall(f"{ATOM}entry")] == [locale]
        assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == locale
        links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
        assert links["self"] == f"http://testserver{prefix}{kind.path}"
        assert links["alternate"].startswith(f"http://testserver{prefix}/")

    @pytest.mark.parametrize("locale", ["fr", "en", "ar"])
    def test_pages_link_to_those_of_their_language(
        self, client: Client, home: HomePage, kind: Kind, locale: str
    ) -> None:
        prefix = "" if locale == "fr" else f"/{locale}"
        if prefix:
            publish(home.copy_for_translation(language(locale)))

        html = client.get(f"{prefix}/").content.decode()

        assert f'href="http://testserver{prefix}{kind.path}"' in html
        other = "/en" if locale != "en" else ""
        assert f'href="http://testserver{other}{kind.path}"' not in html


def test_what_is_published_is_asked_for_in_a_language() -> None:
    functions = {
        f"{app.name}.{name}": function
        for app in apps.get_app_configs()
        if module_has_submodule(app.module, "queries")
        for name, function in vars(import_module(f"{app.name}.queries")).items()
        if name.startswith("published_")
    }
    found = {
        **{name: signature(function) for name, function in functions.items()},
        "Listing.all": signature(partial(Listing.all, object())),
    }
    for name, each in found.items():
        parameters = list(each.parameters.values())
        if parameters:
            first = parameters[0]
            assert first.name in {"locale", "language"}, name
            assert first.default == Parameter.empty, name
