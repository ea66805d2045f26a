"""`resolve/`: what stands at a path of the site, in one round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Locale

from home.models import HomePage
from tests.factories import (
    CampaignPageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    TeamPageFactory,
    UserFactory,
    news_index,
    publish,
    resource_index,
)
from tests.screens import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.snapshots import Snapshots

    Get = Callable[..., Any]

pytestmark = pytest.mark.django_db

RESOLVE = "/api/v1/resolve/"


def test_every_type_of_page_is_found_at_its_path(home: HomePage, get_json: Get) -> None:
    pages = [
        (home, "home"),
        (StandardPageFactory(parent=StandardPageFactory()), "standard"),
        (CampaignPageFactory(), "campaign"),
        (TeamPageFactory(), "team"),
        (resource_index(), "resource_index"),
        (ResourcePageFactory(), "resource"),
        (news_index(), "news_index"),
        (NewsPageFactory(), "news"),
    ]

    for page, kind in pages:
        data = get_json(RESOLVE, path=page.url)

        assert (data["kind"], data["page"]["type"], data["page"]["id"]) == ("page", kind, page.pk)


@pytest.mark.parametrize("kind", ["resources", "news"])
def test_it_answers_as_the_endpoint_of_the_page(get_json: Get, kind: str) -> None:
    page = ResourcePageFactory() if kind == "resources" else NewsPageFactory()

    assert get_json(RESOLVE, path=page.url)["page"] == get_json(f"/api/v1/{kind}/{page.pk}/")


def test_an_index_gives_the_address_of_its_list(get_json: Get) -> None:
    ResourcePageFactory(title="Guide")

    address = get_json(RESOLVE, path=resource_index().url)["page"]["list_url"]

    assert [item["title"] for item in get_json(address)["items"]] == ["Guide"]


@pytest.mark.parametrize("path", ["/a-propos/", "/a-propos"])
def test_a_trailing_slash_may_be_missing(home: HomePage, get_json: Get, path: str) -> None:
    page = StandardPageFactory(slug="a-propos")

    assert get_json(RESOLVE, path=path)["page"]["id"] == page.pk


@pytest.mark.parametrize(
    "path", ["/rien/", "/../admin/", "/a-propos/rien/", "/%", "/home/", "/A-PROPOS/x/?y=1"]
)
def test_nothing_there_is_a_404(home: HomePage, get_json: Get, path: str) -> None:
    StandardPageFactory(slug="a-propos")

    assert get_json(RESOLVE, status=404, path=path)["status"] == 404


@pytest.mark.parametrize(
    "query,name",
    [
        ({}, "path"),
        ({"path": ""}, "path"),
        ({"path": "a-propos/"}, "path"),
        ({"path": "https://ailleurs.example/"}, "path"),
        ({"path": "/" * 1001}, "path"),
        ({"path": "/", "slug": "x"}, "slug"),
    ],
)
def test_what_is_no_path_is_refused(get_json: Get, query: dict[str, str], name: str) -> None:
    data = get_json(RESOLVE, status=422, **query)

    assert data["errors"][0]["location"] == ["query", name]


class TestRedirects:
    @pytest.mark.parametrize("is_permanent,status", [(True, 301), (False, 302)])
    def test_a_redirect_gives_its_status_and_target(
        self, home: HomePage, get_json: Get, is_permanent: bool, status: int
    ) -> None:
        page = StandardPageFactory(slug="nouveau")
        Redirect.add_redirect("/ancien/", page, is_permanent=is_permanent)

        data = get_json(RESOLVE, path="/ancien/")

        assert data == {
            "kind": "redirect",
            "status": status,
            "location": "http://testserver/nouveau/",
        }

    @pytest.mark.parametrize("path", ["/ancien", "/ancien/", "/ancien?", "/ancien/?"])
    def test_a_path_is_normalised_as_the_site_does(
        self, home: HomePage, get_json: Get, path: str
    ) -> None:
        Redirect.add_redirect("/ancien", StandardPageFactory(slug="nouveau"))

        assert get_json(RESOLVE, path=path)["location"] == "http://testserver/nouveau/"

    def test_a_redirect_may_lead_away(self, home: HomePage, get_json: Get) -> None:
        Redirect.add_redirect("/partenaire", "https://ailleurs.example/x", is_permanent=False)

        assert get_json(RESOLVE, path="/partenaire")["location"] == "https://ailleurs.example/x"

    def test_a_page_wins_over_a_redirect(self, home: HomePage, get_json: Get) -> None:
        page = StandardPageFactory(slug="ici")
        Redirect.add_redirect("/ici", "https://ailleurs.example/")

        assert get_json(RESOLVE, path="/ici/")["page"]["id"] == page.pk

    @pytest.mark.parametrize("hidden", ["draft", "expired", "private"])
    def test_a_redirect_to_a_hidden_page_leads_nowhere(
        self, home: HomePage, get_json: Get, hidden: str
    ) -> None:
        Redirect.add_redirect("/ancien", StandardPageFactory(slug="secret", **{hidden: True}))

        data = get_json(RESOLVE, status=404, path="/ancien")
        response = Client().get("/ancien/")

        assert "secret" not in str(data)
        assert "secret" not in f"{response.headers} {response.content.decode()}"
        # The address of what is private asks who reads.
        assert response.status_code == (302 if hidden == "private" else 404)

    def test_the_site_leads_to_the_address_that_was_admitted(self, home: HomePage) -> None:
        page = StandardPageFactory(slug="nouveau")
        Redirect.add_redirect("/ancien", page)
        type(page).objects.filter(pk=page.pk).update(slug="secret", url_path="/home/secret/")

        response = Client().get("/ancien/?utm_source=lettre")

        assert (response.status_code, response["Location"]) == (301, "/nouveau/")

    def test_the_site_leads_to_what_some_may_read(self, home: HomePage) -> None:
        Redirect.add_redirect("/ancien", StandardPageFactory(slug="membres", private=True))
        member = Client()
        member.force_login(UserFactory())

        asked = Client().get("/ancien/?a=b")

        assert parse_qs(urlsplit(asked["Location"]).query) == {"next": ["/ancien/?a=b"]}
        assert member.get("/ancien/")["Location"] == "/membres/"

    def test_a_password_is_asked_for_at_the_former_address(self, home: HomePage) -> None:
        page = StandardPageFactory(slug="membres")
        page.view_restrictions.create(restriction_type="password", password="sésame")
        Redirect.add_redirect("/ancien", page)
        client = Client()

        asked = client.get("/ancien/")
        form = Screen(asked.content.decode(), "/ancien/").forms[-1]
        answer = client.post(form.action, dict(form.sent()) | {"password": "sésame"})

        assert "/membres/" not in asked.content.decode()
        assert "no-store" in asked["Cache-Control"]
        assert answer["Location"] == "/ancien/"
        assert client.get("/ancien/")["Location"] == "/membres/"


class TestLanguages:
    @pytest.fixture(autouse=True)
    def _english(self, home: HomePage, settings: Any) -> None:
        settings.LANGUAGES = [("fr", "Français"), ("en", "English")]
        settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES
        english = Locale.objects.create(language_code="en")
        self.french = StandardPageFactory(slug="a-propos", title="À propos")
        translated = home.copy_for_translation(english)
        publish(translated)
        self.english = self.french.copy_for_translation(english)
        self.english.slug, self.english.title = "about", "About"
        publish(self.english)

    def test_the_prefix_of_the_path_decides_the_language(self, get_json: Get) -> None:
        assert get_json(RESOLVE, path="/en/about/")["page"]["id"] == self.english.pk
        assert get_json(RESOLVE, path="/a-propos/")["page"]["id"] == self.french.pk

    def test_or_the_parameter_does(self, get_json: Get) -> None:
        assert get_json(RESOLVE, path="/about/", locale="en")["page"]["id"] == self.english.pk
        get_json(RESOLVE, status=404, path="/about/", locale="fr")
        get_json(RESOLVE, status=422, path="/about/", locale="de")

    def test_each_page_lists_its_translations(self, get_json: Get) -> None:
        data = get_json(RESOLVE, path="/a-propos/")["page"]["translations"]

        assert [(t["locale"], t["title"], t["html_url"]) for t in data] == [
            ("en", "About", "http://testserver/en/about/")
        ]

    def test_a_hidden_translation_is_not_listed(self, get_json: Get) -> None:
        type(self.english).objects.get(pk=self.english.pk).unpublish()

        assert get_json(RESOLVE, path="/a-propos/")["page"]["translations"] == []

    def test_an_alias_is_no_translation(self, get_json: Get) -> None:
        page = StandardPageFactory(slug="autre")
        page.copy_for_translation(Locale.objects.get(language_code="en"), alias=True)

        assert get_json(RESOLVE, path="/autre/")["page"]["translations"] == []


def test_golden_redirect(home: HomePage, get_json: Get, snapshots: Snapshots) -> None:
    Redirect.add_redirect("/ancien", StandardPageFactory(slug="nouveau"), is_permanent=True)

    snapshots.check("resolve_redirect", get_json(RESOLVE, path="/ancien"))


def test_golden_page(home: HomePage, get_json: Get, snapshots: Snapshots) -> None:
    resource_index()

    snapshots.check("resolve_page", get_json(RESOLVE, path="/ressources/"))
