"""`pages/`, as an external app reads it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from core.models import Audience
from home.models import HomePage
from tests.answers import titles
from tests.factories import (
    CampaignPageFactory,
    DocumentFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    TeamPageFactory,
    full_body,
    news_index,
    publish,
    resource_index,
    stream,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.snapshots import Snapshots

    Get = Callable[..., Any]

pytestmark = pytest.mark.django_db

PAGES = "/api/v1/pages/"


class TestList:
    def test_pages_come_in_the_order_of_the_tree(self, home: HomePage, get_json: Get) -> None:
        about = StandardPageFactory(title="À propos")
        CampaignPageFactory(title="Campagne")
        StandardPageFactory(title="Sous à propos", parent=about)
        TeamPageFactory(title="Équipe")
        ResourcePageFactory()

        data = get_json(PAGES)

        assert titles(data) == [home.title, "À propos", "Sous à propos", "Campagne", "Équipe"]
        assert [item["type"] for item in data["items"]] == [
            "home",
            "standard",
            "standard",
            "campaign",
            "team",
        ]

    @pytest.mark.parametrize(
        "types,expected",
        [("campaign", ["Campagne"]), (["team", "standard"], ["Page", "Équipe"])],
    )
    def test_types_can_be_chosen(
        self, home: HomePage, get_json: Get, types: Any, expected: list[str]
    ) -> None:
        StandardPageFactory(title="Page")
        CampaignPageFactory(title="Campagne")
        TeamPageFactory(title="Équipe")

        assert titles(get_json(PAGES, type=types)) == expected

    def test_a_summary_falls_back_on_the_description(self, get_json: Get) -> None:
        StandardPageFactory(summary="Le résumé", search_description="La description")
        StandardPageFactory(search_description="La description")

        data = get_json(PAGES, type="standard")

        assert [item["summary"] for item in data["items"]] == ["Le résumé", "La description"]

    def test_windows_follow_each_other(self, get_json: Get) -> None:
        for number in range(5):
            StandardPageFactory(title=f"Page {number}")

        seen = []
        address = f"{PAGES}?type=standard&limit=2"
        while address:
            data = get_json(address)
            seen += titles(data)
            address = data["next"]

        assert seen == [f"Page {number}" for number in range(5)]
        assert data["previous"].endswith("?type=standard&limit=2&offset=2")

    @pytest.mark.parametrize(
        "query,location",
        [
            ({"type": "resource"}, ["query", "type", "0"]),
            ({"limit": "1000"}, ["query", "limit"]),
            ({"facets": "true"}, ["query", "facets"]),
        ],
    )
    def test_what_it_does_not_know_is_refused(
        self, get_json: Get, query: dict[str, str], location: list[str]
    ) -> None:
        data = get_json(PAGES, status=422, **query)

        assert [error["location"] for error in data["errors"]] == [location]

    def test_it_costs_the_same_for_4_and_14_rows(
        self, home: HomePage, get_json: Get, count_queries: Callable[..., int]
    ) -> None:
        path = f"{PAGES}?limit=100"
        CampaignPageFactory()
        TeamPageFactory()
        costs = []
        made = 3
        for rows in (4, 14):
            for _ in range(rows - made):
                StandardPageFactory(image=ImageFactory())
            made = rows
            assert get_json(path)["count"] == rows
            costs.append(count_queries(lambda: get_json(path)))

        assert len(set(costs)) == 1, costs
        assert costs[0] <= 8


class TestDetail:
    def test_each_type_gives_its_name(self, home: HomePage, get_json: Get) -> None:
        for page, kind in (
            (home, "home"),
            (StandardPageFactory(), "standard"),
            (CampaignPageFactory(), "campaign"),
            (TeamPageFactory(), "team"),
        ):
            data = get_json(f"{PAGES}{page.pk}/")

            assert (data["type"], data["id"], data["title"]) == (kind, page.pk, page.title)

    def test_what_is_no_page_of_text_is_not_found_there(self, get_json: Get) -> None:
        for pk in (resource_index().pk, ResourcePageFactory().pk, NewsPageFactory().pk, 1, 0):
            assert get_json(f"{PAGES}{pk}/", status=404)["status"] == 404

    def test_a_page_gives_its_breadcrumb(self, home: HomePage, get_json: Get) -> None:
        parent = StandardPageFactory(title="Comprendre", slug="comprendre")
        page = StandardPageFactory(title="Les signes", slug="signes", parent=parent)
        child = StandardPageFactory(title="À l'école", slug="ecole", parent=page)

        data = get_json(f"{PAGES}{page.pk}/")

        assert data["path"] == "/comprendre/signes/"
        assert data["html_url"] == "http://testserver/comprendre/signes/"
        assert [crumb["path"] for crumb in data["breadcrumbs"]] == ["/", "/comprendre/"]
        assert data["children"] == [
            {
                "title": child.title,
                "path": "/comprendre/signes/ecole/",
                "html_url": "http://testserver/comprendre/signes/ecole/",
            }
        ]

    def test_the_home_page_shows_what_is_new(self, home: HomePage, get_json: Get) -> None:
        old = ResourcePageFactory(title="Ancienne", published_on=dt.date(2020, 1, 1))
        new = ResourcePageFactory(title="Nouvelle", published_on=dt.date(2025, 1, 1))
        mid = ResourcePageFactory(title="Entre", published_on=dt.date(2022, 1, 1))
        section = {"title": "Ressources", "section": resource_index().pk, "count": 2}
        empty = {"title": "Actualités", "section": news_index().pk, "count": 3}
        home.sections = stream(("latest", section), ("latest", empty))
        publish(home)

        data = get_json(f"{PAGES}{home.pk}/")

        (shown,) = data["sections"]  # A section without anything is left out.
        assert shown["link"]["path"] == "/ressources/"
        assert [item["id"] for item in shown["items"]] == [new.pk, mid.pk]
        assert old.pk not in [item["id"] for item in shown["items"]]
        assert {item["kind"] for item in shown["items"]} == {"resource"}

    def test_a_campaign_gives_its_dates_and_audiences(self, get_json: Get) -> None:
        page = CampaignPageFactory(
            slogan="JE gère !",
            starts_on=dt.date(2025, 1, 1),
            ends_on=dt.date(2025, 2, 1),
            audiences=list(Audience.objects.filter(slug="mineurs")),
            external_url="https://example.org/je-gere",
        )

        data = get_json(f"{PAGES}{page.pk}/")

        assert data["slogan"] == "JE gère !"
        assert data["starts_on"]["label"] == "1 janvier 2025"
        assert [term["slug"] for term in data["audiences"]] == ["mineurs"]


class TestWhatIsGone:
    """Editors delete pages, images and documents that others refer to."""

    def test_a_section_whose_page_was_deleted_is_left_out(
        self, home: HomePage, get_json: Get
    ) -> None:
        ResourcePageFactory()
        home.sections = stream(
            ("latest", {"title": "Ressources", "section": resource_index().pk, "count": 2})
        )
        publish(home)
        resource_index().delete()

        assert get_json(f"{PAGES}{home.pk}/")["sections"] == []

    def test_what_a_body_refers_to_may_be_deleted(self, get_json: Get) -> None:
        image, document, other = ImageFactory(), DocumentFactory(), StandardPageFactory()
        page = StandardPageFactory(body=full_body(image, document, other))
        for gone in (image, document, other):
            gone.delete()

        data = get_json(f"{PAGES}{page.pk}/")

        kinds = [block["type"] for block in data["body"]]
        assert not {"image", "document", "linked_content"} & set(kinds)
        (video,) = [block for block in data["body"] if block["type"] == "video"]
        assert video["poster"] is None

    def test_a_way_in_whose_page_was_deleted_is_left_out(
        self, home: HomePage, get_json: Get
    ) -> None:
        other = StandardPageFactory()
        home.entrances = stream(
            ("entrance", {"title": "Parent", "text": "", "page": other.pk, "url": ""}),
            ("entrance", {"title": "Jeune", "text": "", "page": other.pk, "url": None}),
            ("entrance", {"title": "Urgence", "text": "", "page": None, "url": "tel:119"}),
        )
        publish(home)
        other.delete()

        data = get_json(f"{PAGES}{home.pk}/")

        assert [entrance["title"] for entrance in data["entrances"]] == ["Urgence"]

    def test_a_photo_of_the_team_may_be_deleted(self, get_json: Get) -> None:
        photo = ImageFactory()
        member = {
            "role": "Éducatrice",
            "photo": {"image": photo.pk, "alt_text": "", "decorative": True},
        }
        page = TeamPageFactory(members=stream(("member", member)))
        photo.delete()

        assert get_json(f"{PAGES}{page.pk}/")["members"] == [
            {"role": "Éducatrice", "name": "", "text": "", "photo": None}
        ]


def golden_pages(home: HomePage) -> dict[str, Any]:
    """Return one page of each type, with something everywhere."""
    image, document = ImageFactory(title="Dessin"), DocumentFactory(title="Annexe")
    about = StandardPageFactory(title="À propos", slug="a-propos", show_in_menus=True)
    StandardPageFactory(title="Notre histoire", slug="histoire", parent=about)
    resource = ResourcePageFactory(
        title="Le guide", slug="le-guide", published_on=dt.date(2024, 1, 2), cover=image
    )
    body = full_body(image, document, resource)
    home.refresh_from_db()  # It has children now.
    described = {"image": image.pk, "alt_text": "Portrait", "decorative": False}
    home.tagline, home.summary, home.image = "Comprendre et agir", "Un réseau national.", image
    home.entrances = stream(
        ("entrance", {"title": "Parent", "text": "Comprendre", "page": about.pk, "url": ""}),
        ("entrance", {"title": "Jeune", "text": "", "page": None, "url": "tel:119"}),
    )
    home.missions = stream(("mission", {"title": "Informer", "text": "Partout."}))
    home.key_figures = stream(
        (
            "figure",
            {
                "value": "7 000 à 10 000",
                "label": "mineurs",
                "source": "Rapport, 2021",
                "source_url": "",
            },
        )
    )
    home.sections = stream(
        ("latest", {"title": "Ressources", "section": resource_index().pk, "count": 3})
    )
    home.body = body
    publish(home)
    about.summary, about.image, about.body = "Qui nous sommes.", image, body
    publish(about)
    return {
        "home": home,
        "standard": about,
        "campaign": CampaignPageFactory(
            title="JE gère !",
            slug="je-gere",
            slogan="C'est moi qui décide",
            summary="Une campagne.",
            image=image,
            external_url="https://example.org/je-gere",
            starts_on=dt.date(2025, 1, 1),
            ends_on=dt.date(2025, 2, 1),
            audiences=list(Audience.objects.filter(slug="mineurs")),
            body=body,
        ),
        "team": TeamPageFactory(
            title="Équipe",
            slug="equipe",
            summary="Qui fait quoi.",
            members=stream(
                (
                    "member",
                    {"role": "Éducatrice", "name": "", "text": "Elle écoute.", "photo": described},
                )
            ),
            body=body,
        ),
    }


@pytest.mark.parametrize("kind", ["home", "standard", "campaign", "team"])
def test_golden_detail(home: HomePage, get_json: Get, snapshots: Snapshots, kind: str) -> None:
    page = golden_pages(home)[kind]

    snapshots.check(f"page_{kind}", get_json(f"{PAGES}{page.pk}/"))


def test_golden_list(home: HomePage, get_json: Get, snapshots: Snapshots) -> None:
    golden_pages(home)

    snapshots.check("pages", get_json(PAGES))
