from __future__ import annotations

import pytest

from core.models import Audience, Territory, Theme
from tests.factories import (
    CampaignPageFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    TeamPageFactory,
    stream,
)
from tests.factories.events import TrainingPageFactory, WebinarPageFactory

pytestmark = pytest.mark.django_db


def theme(slug: str) -> Theme:
    return Theme.objects.get(slug=slug)


@pytest.fixture
def pages(db: None) -> None:
    """One page of each of three kinds, classified apart, that the word « parole » finds."""
    ResourcePageFactory(
        title="Parole de ressource",
        themes=[theme("reperage")],
        audiences=[Audience.objects.get(slug="parents")],
        territory_scope="territory",
        territory=Territory.objects.get(code="59"),
    )
    NewsPageFactory(title="Parole d'actualité", themes=[theme("reperage"), theme("prevention")])
    StandardPageFactory(title="Parole de page")
    NewsPageFactory(title="Autre", themes=[theme("prevention")])


def test_a_hit_gives_its_card_its_kind_and_its_excerpt(search):
    ResourcePageFactory(
        title="Guide", slug="guide", summary="Repérer l'emprise <vite>.", cover=ImageFactory()
    )

    data = search("emprises")

    (hit,) = data["items"]
    assert hit["title"] == "Guide"
    assert hit["kind"] == "resource"
    assert hit["kind_label"] == "Guide pratique"
    assert hit["path"] == "/ressources/guide/"
    assert hit["picture"]["alt"] == ""
    assert hit["excerpt"] == "Repérer l&#x27;<mark>emprise</mark> &lt;vite&gt;."
    assert data["order"] == "relevance"
    assert data["facets"] is None


@pytest.mark.parametrize(
    "query,found",
    [
        ({"kind": "news"}, {"Parole d'actualité"}),
        ({"kind": ["news", "standard"]}, {"Parole d'actualité", "Parole de page"}),
        ({"theme": "reperage"}, {"Parole de ressource", "Parole d'actualité"}),
        ({"theme": "prevention"}, {"Parole d'actualité"}),
        ({"theme": ["prevention", "reperage"], "kind": "resource"}, {"Parole de ressource"}),
        ({"audience": "parents"}, {"Parole de ressource"}),
        ({"territory": "59"}, {"Parole de ressource"}),
        ({"territory": "R32"}, {"Parole de ressource"}),
        ({"territory": "75"}, set()),
        ({"territory": "national"}, {"Parole d'actualité"}),
        ({"locale": "en"}, set()),
    ],
)
@pytest.mark.usefixtures("pages")
def test_filters_keep_any_of_their_values_and_are_taken_together(query, found, titles):
    assert set(titles("parole", **query)) == found


@pytest.mark.usefixtures("pages")
def test_facets_count_what_each_value_would_keep(search):
    facets = {f["name"]: f for f in search("parole", facets="true", kind="news")["facets"]}

    def counts(name: str) -> dict[str, int]:
        return {v["value"]: v["count"] for v in facets[name]["values"]}

    assert counts("kind") == {"resource": 1, "news": 1, "standard": 1}
    assert counts("theme") == {"reperage": 1, "prevention": 1}
    assert counts("audience") == {}
    assert counts("territory") == {"national": 1}
    (news,) = (v for v in facets["kind"]["values"] if v["value"] == "news")
    assert news["label"] == "Actualités"
    assert news["selected"]


@pytest.mark.usefixtures("pages")
def test_a_chosen_value_that_keeps_nothing_can_be_taken_off(search):
    facets = {f["name"]: f for f in search("parole", facets="true", theme="emprise")["facets"]}

    (value,) = (v for v in facets["theme"]["values"] if v["selected"])

    assert value["label"] == theme("emprise").label
    assert value["count"] == 0


def test_windows_follow_one_another(search, get_json):
    for number in range(5):
        NewsPageFactory(title=f"Parole {number}")

    seen, window = [], search("parole", limit=2)
    while True:
        assert window["count"] == 5
        seen += [item["title"] for item in window["items"]]
        if not window["next"]:
            break
        window = get_json(window["next"].removeprefix("http://testserver"))

    assert sorted(seen) == [f"Parole {number}" for number in range(5)]
    assert window["previous"]


def test_the_number_of_queries_does_not_depend_on_the_number_of_pages(search, count_queries):
    image = ImageFactory()
    body = stream(("rich_text", "<p>Une parole.</p>"))

    def add(number: int) -> None:
        for _ in range(number // 2):
            NewsPageFactory(title="Parole", image=image, body=body, themes=[theme("reperage")])
            ResourcePageFactory(title="Parole", cover=image, body=body)

    def count(**query: str) -> int:
        search("parole", **query)  # Content types, roots of sites, renditions.
        return count_queries(lambda: search("parole", **query))

    counts = []
    for more in (2, 18, 80):
        add(more)
        counts.append((count(limit="100"), count(limit="100", facets="true")))

    assert len(set(counts)) == 1, counts
    without, with_facets = counts[0]
    assert without <= 8
    assert with_facets <= 12


def test_a_window_with_every_kind_of_page_costs_no_more_than_a_list_may(search, count_queries):
    image = ImageFactory()
    NewsPageFactory(title="Parole", image=image)
    ResourcePageFactory(title="Parole", cover=image)
    StandardPageFactory(title="Parole", image=image)
    CampaignPageFactory(title="Parole", image=image)
    TeamPageFactory(title="Parole")
    TrainingPageFactory(title="Parole", image=image)
    WebinarPageFactory(title="Parole", image=image)
    found = search("parole", facets="true")
    assert len({item["kind"] for item in found["items"]}) == 7

    assert count_queries(lambda: search("parole", facets="true")) <= 14


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"offset": "-1"},
        {"facets": "peut-être"},
        {"order": "title"},
        {"colour": "red"},
        {"theme": "\x00"},
        {"theme": ["x"] * 31},
        {"kind": "a b"},
        {"locale": "\x00"},
        {"q": "a" * 201},
        {"q": "mot " * 2500},
    ],
)
def test_what_makes_no_sense_is_a_problem(query, get_json, client):
    problem = get_json("/api/v1/search/", status=422, **query)

    assert problem["status"] == 422
    assert problem["errors"]


def test_problems_have_their_own_type(client):
    for address in ("/api/v1/search/?limit=0", "/api/v1/search/suggest/?colour=red"):
        response = client.get(address)
        assert response.status_code == 422
        assert response["Content-Type"] == "application/problem+json"


def test_a_page_that_gives_its_title_only_has_no_excerpt(search):
    NewsPageFactory(title="Parole", summary="Rien de tel ici.")

    (hit,) = search("parole")["items"]

    assert hit["excerpt"] == ""
