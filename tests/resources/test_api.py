"""`resources/` and `news/`, as an external app reads them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from core.models import Audience, ResourceType, Territory, Theme
from published.models import Item
from resources.models import NewsPage, ResourceAuthor, ResourcePage
from tests.answers import facet, titles
from tests.factories import (
    DocumentFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    full_body,
    news_index,
    publish,
    resource_index,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoCaptureOnCommitCallbacks

    from tests.snapshots import Snapshots

    Get = Callable[..., Any]

pytestmark = pytest.mark.django_db

RESOURCES = "/api/v1/resources/"
NEWS = "/api/v1/news/"
NOON = dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC)


def theme(*slugs: str) -> list[Theme]:
    return list(Theme.objects.filter(slug__in=slugs))


def audience(*slugs: str) -> list[Audience]:
    return list(Audience.objects.filter(slug__in=slugs))


def territory(code: str) -> dict[str, Any]:
    return {"territory_scope": "territory", "territory": Territory.objects.get(code=code)}


def query_id(value: Any) -> str:
    """Name a case by its query; a set has no order that parallel workers would agree on."""
    return str(value) if isinstance(value, dict) else "-"


@pytest.fixture
def four_resources() -> None:
    """Make four resources that differ by everything that filters know."""
    ResourcePageFactory(
        title="Guide du Nord",
        summary="Repérer une fugue",
        themes=theme("reperage"),
        audiences=audience("parents"),
        document=DocumentFactory(),
        published_on=dt.date(2024, 3, 5),
        tags=["Fugue"],
        **territory("59"),
    )
    ResourcePageFactory(
        title="Étude des Hauts-de-France",
        resource_type=ResourceType.objects.get(slug="etude"),
        themes=theme("reperage", "fugue"),
        audiences=audience("ase", "parents"),
        external_url="https://example.org/etude",
        content_language="en",
        published_on=dt.date(2023, 6, 1),
        tags=["Réseaux sociaux"],
        **territory("R32"),
    )
    ResourcePageFactory(
        title="Vidéo nationale",
        resource_type=ResourceType.objects.get(slug="video"),
        themes=theme("fugue"),
        video_url="https://video.example.org/1",
        published_on=dt.date(2024, 12, 31),
        tags=["Fugue", "Réseaux sociaux"],
    )
    ResourcePageFactory(
        title="Affiche de Paris",
        resource_type=ResourceType.objects.get(slug="affiche"),
        published_on=dt.date(2022, 1, 1),
        published_on_precision="year",
        **territory("75"),
    )


NORD, HDF, VIDEO, PARIS = (
    "Guide du Nord",
    "Étude des Hauts-de-France",
    "Vidéo nationale",
    "Affiche de Paris",
)


FILTERED: list[tuple[dict[str, Any], Any]] = [
    ({}, {NORD, HDF, VIDEO, PARIS}),
    ({"type": "etude"}, {HDF}),
    ({"type": ["etude", "affiche"]}, {HDF, PARIS}),
    ({"theme": "reperage"}, {NORD, HDF}),
    ({"theme": ["reperage", "fugue"]}, {NORD, HDF, VIDEO}),
    ({"audience": "ase"}, {HDF}),
    ({"territory": "59"}, {NORD}),
    ({"territory": "R32"}, {NORD, HDF}),
    ({"territory": "national"}, {VIDEO}),
    ({"territory": ["national", "75"]}, {VIDEO, PARIS}),
    ({"language": "en"}, {HDF}),
    ({"format": "document"}, {NORD}),
    ({"format": "link"}, {HDF}),
    ({"format": "video"}, {VIDEO}),
    ({"format": "page"}, {PARIS}),
    ({"year": "2024"}, {NORD, VIDEO}),
    ({"year": ["2022", "2023"]}, {HDF, PARIS}),
    ({"tag": "fugue"}, {NORD, VIDEO}),
    ({"tag": "réseaux-sociaux"}, {HDF, VIDEO}),
    ({"published_from": "2024-03-05"}, {NORD, VIDEO}),
    ({"published_to": "2023-06-01"}, {HDF, PARIS}),
    ({"published_from": "2023-01-01", "published_to": "2024-06-30"}, {NORD, HDF}),
    ({"theme": "reperage", "audience": "ase"}, {HDF}),
    ({"theme": "reperage", "year": "2022"}, set()),
    ({"q": "fugue"}, {NORD, HDF, VIDEO}),
    ({"q": "fugue", "format": "document"}, {NORD}),
    ({"q": "hauts-de-france"}, {HDF}),
    ({"locale": "en"}, set()),
]


class TestFilters:
    def test_a_filter_keeps_what_has_any_of_its_values(
        self, four_resources: None, get_json: Get, subtests: pytest.Subtests
    ) -> None:
        for query, kept in FILTERED:
            with subtests.test(query=query):
                data = get_json(RESOURCES, **query)

                assert set(titles(data)) == kept
                assert data["count"] == len(kept)

    def test_an_app_asks_again_for_what_it_knows(
        self, four_resources: None, get_json: Get, count_queries: Callable[..., int]
    ) -> None:
        known = {each["title"]: each for each in get_json(RESOURCES)["items"]}
        nord, paris, hdf = (known[title] for title in (NORD, PARIS, HDF))
        hour = dt.timedelta(hours=1)
        Item.objects.update(updated_at=NOON - hour)
        Item.objects.filter(thing_id=nord["id"]).update(updated_at=NOON)

        def found(**query: Any) -> list[str]:
            return sorted(titles(get_json(RESOURCES, **query)))

        assert found(id=[nord["id"], paris["id"], 2**53 - 1]) == sorted([NORD, PARIS])
        slugs = [each["path"].strip("/").split("/")[-1] for each in (nord, hdf)]
        assert found(slug=[*slugs, "aucune"]) == sorted([NORD, HDF])
        assert found(id=nord["id"], slug=slugs[1]) == []
        assert found(id=nord["id"], locale="en") == []
        assert found(updated_since="2026-11-28T13:00:00+01:00") == [NORD]
        assert found(updated_since="2026-11-28T12:00:00.000001Z") == []
        assert len(found(updated_since="2026-11-28T11:00Z")) == len(known)
        pages = "/api/v1/pages/"
        assert get_json(pages, updated_since="2026-11-28T11:00:00Z")["count"] > 0
        assert get_json(pages, updated_since="2026-11-28T11:00:01Z")["count"] == 0
        one = count_queries(lambda: found(id=nord["id"]))
        assert count_queries(lambda: found(id=[each["id"] for each in known.values()])) == one

    def test_a_page_of_the_site_is_not_narrowed_for_apps(
        self, four_resources: None, client: Client
    ) -> None:
        address = f"{resource_index().url}?id=1&slug=x&updated_since=2999-01-01T00:00:00Z"

        assert client.get(address).context["list"].count == len([NORD, HDF, VIDEO, PARIS])

    def test_a_resource_with_several_matching_terms_is_listed_once(self, get_json: Get) -> None:
        ResourcePageFactory(title="Double", themes=theme("reperage", "fugue"), tags=["a", "b"])

        data = get_json(RESOURCES, theme=["reperage", "fugue"], tag=["a", "b"], facets="true")

        assert titles(data) == ["Double"]
        assert facet(data, "type") == {"guide": 1}

    @pytest.mark.parametrize(
        "query,kept",
        [
            ({}, {"Nord", "National"}),
            ({"theme": "soin"}, {"Nord"}),
            ({"territory": "R32"}, {"Nord"}),
            ({"territory": "national"}, {"National"}),
            ({"year": "2025"}, {"National"}),
            ({"tag": "colloque"}, {"National"}),
            ({"date_from": "2025-01-01"}, {"National"}),
            ({"date_to": "2024-12-31"}, {"Nord"}),
            ({"q": "national"}, {"National"}),
        ],
        ids=query_id,
    )
    def test_news_are_filtered_likewise(
        self, get_json: Get, query: dict[str, Any], kept: set[str]
    ) -> None:
        NewsPageFactory(
            title="Nord", themes=theme("soin"), date=dt.date(2024, 5, 2), **territory("59")
        )
        NewsPageFactory(title="National", date=dt.date(2025, 5, 2), tags=["Colloque"])

        data = get_json(NEWS, **query)

        assert set(titles(data)) == kept


class TestFacets:
    def test_facets_are_counted_only_when_asked_for(
        self, four_resources: None, get_json: Get
    ) -> None:
        assert get_json(RESOURCES)["facets"] is None

        data = get_json(RESOURCES, facets="true")

        assert [f["name"] for f in data["facets"]] == [
            "type",
            "theme",
            "audience",
            "territory",
            "language",
            "format",
            "year",
            "tag",
        ]

    def test_each_value_counts_the_resources_it_would_keep(
        self, four_resources: None, get_json: Get
    ) -> None:
        data = get_json(RESOURCES, facets="true", limit=1)

        assert facet(data, "type") == {"guide": 1, "etude": 1, "video": 1, "affiche": 1}
        assert facet(data, "theme") == {"reperage": 2, "fugue": 2}
        assert facet(data, "audience") == {"parents": 2, "ase": 1}
        assert facet(data, "language") == {"fr": 3, "en": 1}
        assert facet(data, "format") == {"document": 1, "link": 1, "video": 1, "page": 1}
        assert facet(data, "year") == {"2024": 2, "2023": 1, "2022": 1}
        assert facet(data, "tag") == {"fugue": 2, "réseaux-sociaux": 2}

    def test_a_region_counts_what_its_departments_have(
        self, four_resources: None, get_json: Get
    ) -> None:
        data = get_json(RESOURCES, facets="true")

        assert facet(data, "territory") == {"R32": 2, "R11": 1, "59": 1, "75": 1, "national": 1}

    def test_a_count_is_what_choosing_the_value_gives(
        self, four_resources: None, get_json: Get
    ) -> None:
        data = get_json(RESOURCES, facets="true", audience="parents")

        for each in data["facets"]:
            if each["name"] == "audience":
                continue
            for value in each["values"]:
                chosen = get_json(RESOURCES, audience="parents", **{each["name"]: value["value"]})
                assert chosen["count"] == value["count"], (each["name"], value)

    def test_a_choice_narrows_the_other_facets_and_not_its_own(
        self, four_resources: None, get_json: Get
    ) -> None:
        data = get_json(RESOURCES, facets="true", theme="reperage")

        assert facet(data, "theme") == {"reperage": 2, "fugue": 2}
        assert facet(data, "format") == {"document": 1, "link": 1}

    def test_a_search_and_a_range_narrow_every_facet(
        self, four_resources: None, get_json: Get
    ) -> None:
        data = get_json(RESOURCES, facets="true", published_from="2024-01-01", q="fugue")

        assert facet(data, "year") == {"2024": 2}
        assert facet(data, "theme") == {"reperage": 1, "fugue": 1}

    def test_chosen_values_are_marked_and_listed_even_when_nothing_has_them(
        self, four_resources: None, get_json: Get
    ) -> None:
        data = get_json(
            RESOURCES, facets="true", theme=["reperage", "handicap"], format="video", year="1999"
        )

        values = {
            (f["name"], v["value"]): (v["label"], v["count"], v["selected"])
            for f in data["facets"]
            for v in f["values"]
        }
        assert values["theme", "reperage"] == ("Repérage et signalement", 0, True)
        assert values["theme", "handicap"] == ("Handicap", 0, True)
        assert values["format", "video"] == ("Vidéo", 0, True)
        assert values["year", "1999"] == ("1999", 0, True)

    def test_values_are_labelled_as_people_call_them(
        self, four_resources: None, get_json: Get
    ) -> None:
        data = get_json(RESOURCES, facets="true")

        labels = {v["value"]: v["label"] for f in data["facets"] for v in f["values"]}
        assert labels["R32"] == "Hauts-de-France"
        assert labels["59"] == "Nord"
        assert labels["R11"] == "Île-de-France"
        assert labels["national"] == "Toute la France"
        assert labels["en"] == "Anglais"
        assert labels["document"] == "Document à télécharger"
        assert labels["reperage"] == "Repérage et signalement"
        assert labels["réseaux-sociaux"] == "Réseaux sociaux"
        assert labels["2024"] == "2024"

    def test_most_frequent_values_come_first_and_years_from_the_latest(
        self, four_resources: None, get_json: Get
    ) -> None:
        data = get_json(RESOURCES, facets="true")

        by_name = {f["name"]: [v["value"] for v in f["values"]] for f in data["facets"]}
        assert by_name["year"] == ["2024", "2023", "2022"]
        assert by_name["language"] == ["fr", "en"]
        assert by_name["audience"] == ["parents", "ase"]

    def test_an_empty_list_has_empty_facets(self, get_json: Get) -> None:
        data = get_json(RESOURCES, facets="true")

        assert data["count"] == 0
        assert all(f["values"] == [] for f in data["facets"])


class TestOrder:
    @pytest.mark.parametrize(
        "order,expected",
        [
            (None, [VIDEO, NORD, HDF, PARIS]),
            ("-published_on", [VIDEO, NORD, HDF, PARIS]),
            ("published_on", [PARIS, HDF, NORD, VIDEO]),
            ("-updated_at", [PARIS, VIDEO, HDF, NORD]),
            # Without words to search for there is no relevance: the usual order.
            ("relevance", [VIDEO, NORD, HDF, PARIS]),
        ],
    )
    def test_resources_come_in_the_order_asked_for(
        self, four_resources: None, get_json: Get, order: str | None, expected: list[str]
    ) -> None:
        data = get_json(RESOURCES, **({"order": order} if order else {}))

        assert titles(data) == expected
        assert data["order"] == ("-published_on" if order in {None, "relevance"} else order)

    def test_by_title(self, get_json: Get) -> None:
        for title in ("Cahier", "Affiche", "Bande dessinée"):
            ResourcePageFactory(title=title)

        assert titles(get_json(RESOURCES, order="title")) == ["Affiche", "Bande dessinée", "Cahier"]

    def test_a_search_gives_the_most_relevant_first(self, get_json: Get) -> None:
        ResourcePageFactory(
            title="Autre chose", summary="On y parle de fugue une fois, en passant."
        )
        ResourcePageFactory(title="Fugue", published_on=dt.date(2001, 1, 1))

        data = get_json(RESOURCES, q="fugue")

        assert titles(data)[0] == "Fugue"
        assert data["order"] == "relevance"
        assert data["q"] == "fugue"

    def test_a_search_can_be_ordered_otherwise(self, get_json: Get) -> None:
        ResourcePageFactory(title="Autre", summary="Fugue.", published_on=dt.date(2024, 1, 1))
        ResourcePageFactory(title="Fugue", published_on=dt.date(2001, 1, 1))

        data = get_json(RESOURCES, q="fugue", order="-published_on")

        assert titles(data) == ["Autre", "Fugue"]


class TestWindows:
    def test_following_next_reads_everything_once(self, get_json: Get) -> None:
        made = {ResourcePageFactory(themes=theme("soin"), tags=["a&b é"]).pk for _ in range(7)}
        ResourcePageFactory()

        seen: list[int] = []
        address = f"{RESOURCES}?theme=soin&tag=ab-%C3%A9&limit=3"
        while address:
            data = get_json(address)
            seen += [item["id"] for item in data["items"]]
            assert data["count"] == 7
            address = data["next"]

        assert len(seen) == len(made) == 7
        assert set(seen) == made
        assert data["offset"] == 6
        assert data["previous"].endswith("theme=soin&tag=ab-%C3%A9&limit=3&offset=3")

    def test_the_first_window_has_no_previous_and_the_last_no_next(self, get_json: Get) -> None:
        for _ in range(3):
            ResourcePageFactory()

        first = get_json(RESOURCES, limit=2)
        last = get_json(RESOURCES, limit=2, offset=2)

        assert first["previous"] is None
        assert first["next"] == f"http://testserver{RESOURCES}?limit=2&offset=2"
        assert last["next"] is None
        assert last["previous"] == f"http://testserver{RESOURCES}?limit=2&offset=0"

    def test_past_the_end_is_an_empty_window_that_leads_back(self, get_json: Get) -> None:
        ResourcePageFactory(title="Seule")

        data = get_json(RESOURCES, offset=500)

        assert (data["count"], data["items"], data["next"]) == (1, [], None)
        assert titles(get_json(data["previous"])) == ["Seule"]

    def test_a_search_has_windows_too(self, get_json: Get) -> None:
        for number in range(5):
            ResourcePageFactory(title=f"Fugue {number}")

        parts = [titles(get_json(RESOURCES, q="fugue", limit=2, offset=o)) for o in (0, 2, 4)]

        assert [len(part) for part in parts] == [2, 2, 1]
        assert len({title for part in parts for title in part}) == 5


class TestRefusals:
    @pytest.mark.parametrize("path", [RESOURCES, NEWS])
    def test_an_unknown_parameter_is_refused_by_its_name(self, get_json: Get, path: str) -> None:
        data = get_json(path, status=422, themes="reperage")

        assert data["title"] == "Unprocessable Entity" or data["status"] == 422
        assert data["instance"] == path
        (error,) = data["errors"]
        assert error["location"] == ["query", "themes"]
        assert error["code"] == "unknown"
        assert "theme" in error["message"]

    @pytest.mark.parametrize("path", [RESOURCES, NEWS])
    def test_a_term_that_is_none_is_refused_with_those_that_there_are(
        self, get_json: Get, path: str
    ) -> None:
        Theme.objects.exclude(slug__in=["fugue", "reperage"]).delete()

        for given in ("nope", ["fugue", "nope", "nope"]):
            (error,) = get_json(path, status=422, theme=given)["errors"]
            assert error == {
                "location": ["query", "theme"],
                "message": "Unknown: nope. Known ones: fugue, reperage.",
                "code": "unknown_term",
            }

    def test_a_tag_that_nothing_public_has_is_unknown(
        self, get_json: Get, count_queries: Callable[..., int]
    ) -> None:
        ResourcePageFactory(tags=["su"])
        ResourcePageFactory(tags=["su", "secret"], live=False)

        assert get_json(RESOURCES, tag="su")["count"] == 1
        assert get_json(NEWS, tag="su")["count"] == 0
        refused, missing = (
            get_json(RESOURCES, status=422, tag=tag)["errors"] for tag in ("secret", "absent")
        )
        assert [each["code"] for each in refused + missing] == ["unknown_tag"] * 2
        one = count_queries(lambda: get_json(RESOURCES, tag="su"))
        for number in range(3):
            ResourcePageFactory(tags=["su", f"autre-{number}"])
        assert count_queries(lambda: get_json(RESOURCES, tag=["su", "autre-1", "autre-2"])) == one

    @pytest.mark.parametrize(
        "query,location",
        [
            ({"limit": "0"}, ["query", "limit"]),
            ({"limit": "101"}, ["query", "limit"]),
            ({"limit": "beaucoup"}, ["query", "limit"]),
            ({"offset": "-1"}, ["query", "offset"]),
            ({"facets": "peut-être"}, ["query", "facets"]),
            ({"order": "au hasard"}, ["query", "order"]),
            ({"published_from": "hier"}, ["query", "published_from"]),
            ({"published_to": "2024"}, ["query", "published_to"]),
            ({"format": "papier"}, ["query", "format", "0"]),
            ({"year": ["2024", "an 2000"]}, ["query", "year", "1"]),
            ({"q": "a" * 201}, ["query", "q"]),
            ({"tag": ["t"] * 31}, ["query", "tag"]),
            ({"theme": ""}, ["query", "theme"]),
            ({"id": "0"}, ["query", "id", "0"]),
            ({"id": "9" * 30}, ["query", "id", "0"]),
            ({"slug": "a b"}, ["query", "slug", "0"]),
            ({"updated_since": "2026-11-28"}, ["query", "updated_since"]),
            ({"updated_since": "2026-11-28T10:00:00"}, ["query", "updated_since"]),
            ({"updated_since": "2026-11-28T10:00:00 01:00"}, ["query", "updated_since"]),
            ({"updated_since": "2026-13-28T10:00:00Z"}, ["query", "updated_since"]),
            ({"updated_since": "1795860000"}, ["query", "updated_since"]),
            ({"theme": ["reperage", "Reperage"]}, ["query", "theme"]),
            ({"territory": "2a"}, ["query", "territory"]),
        ],
        ids=query_id,
    )
    def test_an_invalid_value_is_refused_with_its_place(
        self, get_json: Get, query: dict[str, Any], location: list[str]
    ) -> None:
        data = get_json(RESOURCES, status=422, **query)

        assert [error["location"] for error in data["errors"]] == [location]
        assert data["errors"][0]["message"]

    def test_errors_are_problem_details_and_never_cached(self, client: Client) -> None:
        response = client.get(RESOURCES, {"limit": 0})

        assert response.headers["Content-Type"] == "application/problem+json"
        assert response.headers["Cache-Control"] == "no-store"

    def test_what_is_not_there_is_a_404_problem(self, get_json: Get) -> None:
        news = NewsPageFactory()

        for path in (f"{RESOURCES}999999/", f"{RESOURCES}{news.pk}/", f"{NEWS}999999/"):
            data = get_json(path, status=404)
            assert (data["status"], data["title"], data["instance"]) == (404, "Not Found", path)

    def test_a_null_byte_is_harmless(self, client: Client) -> None:
        response = client.get(RESOURCES, {"q": "a\x00b", "theme": "a\x00b", "territory": "\x00"})

        assert response.status_code in {200, 422}


def rich_resource(**kwargs: Any) -> Any:
    """Return a resource with a value everywhere."""
    image = ImageFactory(title="Couverture", credit="Studio Exemple, CC BY")
    resource = ResourcePageFactory(
        themes=theme("reperage", "fugue"),
        audiences=audience("parents", "ase"),
        document=DocumentFactory(title="Guide complet"),
        cover=image,
        tags=["Fugue", "Réseaux sociaux"],
        **territory("59"),
        **kwargs,
    )
    resource.authors.add(
        ResourceAuthor(name="Association Exemple"),
        ResourceAuthor(name="Une juriste", kind="person"),
    )
    publish(resource)
    return resource


def rich_news(**kwargs: Any) -> Any:
    return NewsPageFactory(
        themes=theme("reperage", "fugue"), image=ImageFactory(), tags=["a", "b"], **kwargs
    )


class TestQueries:
    """The number of queries of a list depends neither on its rows nor on what they hold."""

    @pytest.mark.parametrize(
        "make,index,most",
        [
            (
                rich_resource,
                resource_index,
                {
                    f"{RESOURCES}?limit=100": 8,
                    f"{RESOURCES}?limit=100&facets=true": 14,
                    f"{RESOURCES}?limit=100&q=ressource": 10,
                    f"{RESOURCES}?limit=100&theme=fugue&territory=R32&tag=fugue": 8,
                    "": 36,
                    "?theme=fugue&limit=5&offset=1": 36,
                },
            ),
            (
                rich_news,
                news_index,
                {f"{NEWS}?limit=100": 8, f"{NEWS}?limit=100&facets=true": 14, "": 36},
            ),
        ],
        ids=["resources", "news"],
    )
    def test_a_list_and_its_section_cost_the_same_for_2_and_12_rows(
        self,
        *,
        client: Client,
        get_json: Get,
        count_queries: Callable[..., int],
        make: Callable[[], Any],
        index: Callable[[], Any],
        most: dict[str, int],
    ) -> None:
        """What starts with the path of the API is a list; the rest is asked of its section."""
        section = index().url
        costs: dict[str, list[int]] = {address: [] for address in most}
        made = 0
        for rows in (2, 12):
            for _ in range(rows - made):
                make()
            made = rows
            for address, counted in costs.items():
                if address.startswith("/api/"):
                    assert get_json(address)["count"] == rows  # Renditions are made, once.
                    counted.append(count_queries(lambda address=address: get_json(address)))
                    continue
                path = section + address
                assert client.get(path).status_code == 200
                counted.append(count_queries(lambda path=path: client.get(path)))

        for address, counted in costs.items():
            assert len(set(counted)) == 1, (address, counted)
            assert counted[0] <= most[address], address


class TestGolden:
    def test_a_resource(
        self,
        get_json: Get,
        snapshots: Snapshots,
        django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):  # Its documents are read.
            resource = golden_resource()

        snapshots.check("resource", get_json(f"{RESOURCES}{resource.pk}/"))

    def test_the_list_of_resources(self, get_json: Get, snapshots: Snapshots) -> None:
        golden_resource()

        snapshots.check("resources", get_json(RESOURCES, facets="true", theme="reperage"))

    def test_a_piece_of_news(self, get_json: Get, snapshots: Snapshots) -> None:
        news = golden_news()

        snapshots.check("news_item", get_json(f"{NEWS}{news.pk}/"))

    def test_the_list_of_news(self, get_json: Get, snapshots: Snapshots) -> None:
        golden_news()

        snapshots.check("news", get_json(NEWS, facets="true"))


def golden_resource() -> ResourcePage:
    other = ResourcePageFactory(
        title="Une autre ressource",
        slug="autre",
        themes=theme("reperage"),
        published_on=dt.date(2021, 1, 1),
        published_on_precision="year",
    )
    about = StandardPageFactory(title="À propos", slug="qui-nous-sommes", summary="Qui ?")
    resource = rich_resource(
        title="Repérer et orienter",
        slug="reperer-et-orienter",
        summary="Les signes, et qui appeler.",
        published_on=dt.date(2022, 10, 1),
        published_on_precision="month",
        external_url="https://example.org/guide",
        licence="etalab-2.0",
        source_name="Structure Exemple",
        search_description="Pour les moteurs.",
        seo_title="Repérer la prostitution des mineurs",
    )
    resource.body = full_body(ImageFactory(title="Dessin"), DocumentFactory(title="Annexe"), about)
    resource.attachments.create(document=DocumentFactory(title="Annexe 1"), title="Fiche réflexe")
    resource.related_resources.create(resource=other)
    publish(resource)
    return resource


def golden_news() -> NewsPage:
    resource = ResourcePageFactory(title="Le guide", slug="guide", published_on=dt.date(2024, 1, 2))
    about = StandardPageFactory(title="Le réseau", slug="reseau")
    return rich_news(
        title="Une journée nationale",
        slug="journee-nationale",
        summary="Rendez-vous à Lille.",
        date=dt.date(2025, 3, 14),
        linked_resource=resource,
        body=full_body(ImageFactory(title="Dessin"), DocumentFactory(title="Programme"), about),
        **territory("R32"),
    )
