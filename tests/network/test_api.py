"""`structures/`, as an external app reads it."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from data_inclusion.schema import v1 as data_inclusion
from django.test import Client
from wagtail.models import Locale

from core.models import Audience, Service, StructureType, Territory
from network.models import Structure
from network.places import Visibility
from tests.answers import facet, read_text, titles
from tests.factories.network import LILLE, MARSEILLE, StructureFactory, directory

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db

STRUCTURES = "/api/v1/structures/"


@pytest.fixture
def some() -> None:
    """Make structures that differ by everything that filters know."""
    StructureFactory(
        name="Écoute du Nord",
        services=[Service.objects.get(slug="ecoute")],
        audiences=[Audience.objects.get(slug="parents")],
        phone="03 20 00 00 00",
        **LILLE,
    )
    StructureFactory(
        name="Foyer du Nord",
        structure_type=StructureType.objects.get(slug="foyer"),
        services=[Service.objects.get(slug="hebergement")],
        shelter=True,
    )
    StructureFactory(
        name="Maison de Marseille",
        department="13",
        services=list(Service.objects.filter(slug__in=["ecoute", "soins"])),
        coverage=Structure.Coverage.TERRITORIES,
        coverage_territories=[Territory.objects.get(code="R32")],
        **MARSEILLE,
    )
    StructureFactory(
        name="Plateforme nationale", department="75", coverage=Structure.Coverage.NATIONAL
    )


FILTERED: list[tuple[dict[str, Any], Any]] = [
    ({}, ["Écoute du Nord", "Foyer du Nord", "Maison de Marseille", "Plateforme nationale"]),
    ({"type": "foyer"}, ["Foyer du Nord"]),
    ({"service": "ecoute"}, ["Écoute du Nord", "Maison de Marseille"]),
    ({"service": ["soins", "hebergement"]}, ["Foyer du Nord", "Maison de Marseille"]),
    ({"audience": "parents"}, ["Écoute du Nord"]),
    ({"territory": "59"}, ["Écoute du Nord", "Foyer du Nord"]),
    ({"territory": "R93"}, ["Maison de Marseille"]),
    ({"territory": "59", "type": "foyer"}, ["Foyer du Nord"]),
    (
        {"serves": "59"},
        ["Écoute du Nord", "Foyer du Nord", "Maison de Marseille", "Plateforme nationale"],
    ),
    ({"serves": "33"}, ["Plateforme nationale"]),
    ({"near": "50.6,3.1", "radius": "20"}, ["Écoute du Nord"]),
    ({"near": "48.8,2.3", "radius": "900"}, ["Écoute du Nord", "Maison de Marseille"]),
    ({"bbox": "5,43,6,44"}, ["Maison de Marseille"]),
    ({"bbox": "170,-90,4,90"}, ["Écoute du Nord"]),
    ({"place": "Roubaix"}, ["Écoute du Nord", "Foyer du Nord"]),
    ({"place": "13055 CEDEX"}, ["Maison de Marseille"]),
    ({"place": "Atlantide"}, []),
    ({"locale": "en"}, []),
]


def test_filters(some: None, get_json: Callable[..., Any], subtests: pytest.Subtests) -> None:
    for query, expected in FILTERED:
        with subtests.test(query=query):
            data = get_json(STRUCTURES, **query)

            names = titles(data)
            if "near" not in query and "place" not in query:
                # PostgreSQL and SQLite don't put an accent at the same place.
                assert sorted(names) == sorted(expected)
            else:
                assert names == expected
            assert data["count"] == len(expected)


def test_a_structure_is_found_by_its_words(some: None, get_json: Callable[..., Any]) -> None:
    assert "Maison de Marseille" in titles(get_json(STRUCTURES, q="maison"))
    assert titles(get_json(STRUCTURES, q="marseille")) == ["Maison de Marseille"]


def test_facets_count_what_a_choice_would_keep(some: None, get_json: Callable[..., Any]) -> None:
    data = get_json(STRUCTURES, facets="true", territory="59")

    assert facet(data, "territory") == {
        "59": 2, "R32": 2, "13": 1, "R93": 1, "75": 1, "R11": 1,
    }  # fmt: skip
    assert facet(data, "service") == {"ecoute": 1, "hebergement": 1}


def test_distance_is_that_of_the_great_circle(some: None, get_json: Callable[..., Any]) -> None:
    # Lille to Marseille, 836 km by https://www.movable-type.co.uk/scripts/latlong.html
    data = get_json(STRUCTURES, near="50.6366,3.0635", radius="1000")

    assert [item["distance_km"] for item in data["items"]] == [0.0, pytest.approx(836, abs=3)]
    assert data["near"]["radius_km"] == 1000


@pytest.mark.parametrize(
    "query",
    [
        {"near": "50.6"},
        {"near": "abc,3"},
        {"near": "91,3"},
        {"near": "nan,3"},
        {"near": "1e400,3"},
        {"bbox": "1,2,3"},
        {"bbox": "1,50,2,40"},
        {"radius": "0"},
        {"radius": "1001"},
        {"order": "postcode"},
        {"order": "latitude"},
        {"postcode": "59000"},
        {"serves": "R32"},
        {"near": ""},
        {"bbox": ""},
        {"serves": "2a"},
        {"municipality": "Lille"},
    ],
)
def test_what_makes_no_sense_is_a_problem(
    get_json: Callable[..., Any], query: dict[str, str]
) -> None:
    data = get_json(STRUCTURES, status=422, **query)

    assert data["errors"][0]["location"][0] == "query"


@pytest.mark.parametrize(
    "query,names",
    [
        ({"radius": "10"}, ["radius"]),
        ({"order": "distance"}, ["order"]),
        ({"radius": "10", "order": "distance", "place": ""}, ["radius", "order"]),
    ],
)
def test_a_distance_is_from_somewhere(
    get_json: Callable[..., Any], query: dict[str, str], names: list[str]
) -> None:
    errors = get_json(STRUCTURES, status=422, **query)["errors"]

    assert errors == [
        {
            "location": ["query", name],
            "message": "Give `near` or `place` too.",
            "code": "needs_place",
        }
        for name in names
    ]


def test_drafts_and_the_expired_are_not_listed(get_json: Callable[..., Any]) -> None:
    draft = StructureFactory(draft=True)
    expired = StructureFactory(expire_at="2020-01-01T00:00:00Z")

    assert get_json(STRUCTURES)["count"] == 0
    for hidden in (draft, expired):
        get_json(f"{STRUCTURES}{hidden.pk}/", status=404)
        get_json("/api/v1/resolve/", path=hidden.path, status=404)


def test_no_answer_costs_more_queries_for_more_structures(
    count_queries: Callable[..., int],
) -> None:
    directory()
    services = list(Service.objects.all()[:3])
    (structure, _other) = [StructureFactory(services=services, **LILLE) for _n in range(2)]
    everywhere = "limit=100&place=59000"
    most = {
        f"{STRUCTURES}?{everywhere}": 4,
        f"{STRUCTURES}?{everywhere}&facets=true": 5,
        f"{STRUCTURES}?{everywhere}&q=structure": 5,
        f"{STRUCTURES}?{everywhere}&q=structure&facets=true&service={services[0].slug}"
        "&territory=59": 6,
        f"{STRUCTURES}?{everywhere}&locale=en&fallback=true": 4,
        f"{STRUCTURES}map/": 6,
        f"{STRUCTURES}departments/59/": 6,
        f"{STRUCTURES}{structure.pk}/": 5,
        "/api/v1/structures.geojson": 3,
        "/api/v1/structures.csv": 3,
        "/api/v1/structures.data-inclusion.json": 6,
    }

    def cost(address: str) -> int:
        return count_queries(lambda: read_text(address))

    for address in most:
        read_text(address)
    few = {address: cost(address) for address in most}
    for _n in range(10):
        StructureFactory(services=services, **LILLE)

    for address, limit in most.items():
        assert few[address] == cost(address) <= limit, address


def test_geojson_has_a_point_only_where_it_may(some: None) -> None:
    response = Client().get("/api/v1/structures.geojson", {"service": ["ecoute", "hebergement"]})
    data = json.loads(b"".join(response))  # type: ignore[arg-type]

    assert response["Content-Type"] == "application/geo+json"
    assert data["type"] == "FeatureCollection"
    points = {f["properties"]["title"]: f["geometry"] for f in data["features"]}
    assert points == {
        "Écoute du Nord": {"type": "Point", "coordinates": [3.0635, 50.6366]},
        "Foyer du Nord": None,
        "Maison de Marseille": {"type": "Point", "coordinates": [5.3698, 43.2965]},
    }


def test_geojson_of_nothing_is_still_geojson() -> None:
    response = Client().get("/api/v1/structures.geojson")

    assert json.loads(b"".join(response))["features"] == []  # type: ignore[arg-type]


def test_a_cell_is_never_a_formula() -> None:
    StructureFactory(name="=1+1", description="@SUM(A1)", phone="+33 1 23 45 67 89", **LILLE)
    response = Client().get("/api/v1/structures.csv")

    (row,) = csv.DictReader(
        io.StringIO(b"".join(response).decode("utf-8-sig"))  # type: ignore[arg-type]
    )

    assert row["name"] == "'=1+1"
    assert row["description"] == "'@SUM(A1)"
    assert row["phone"] == "+33 1 23 45 67 89"
    assert row["postcode"] == "59000"


def test_data_inclusion_is_valid_by_its_schema(some: None) -> None:
    StructureFactory(
        name="Ok.",
        email="contact@example.org",
        website="https://example.org/",
        opening_hours="Mo-Fr 09:00-18:00",
        services=list(Service.objects.all()),
        audiences=list(Audience.objects.all()),
        coverage=Structure.Coverage.TERRITORIES,
        coverage_territories=list(Territory.objects.filter(code__in=["62", "R11"])),
    )
    response = Client().get("/api/v1/structures.data-inclusion.json")
    data = json.loads(b"".join(response))  # type: ignore[arg-type]

    for each in data["structures"]:
        data_inclusion.Structure.model_validate(each, context={"ignore_warnings": False})
        assert set(each) <= set(data_inclusion.Structure.model_fields)
    for each in data["services"]:
        data_inclusion.Service.model_validate(each, context={"ignore_warnings": False})
        assert set(each) <= set(data_inclusion.Service.model_fields)
    assert len(data["structures"]) == 5
    assert {s["structure_id"] for s in data["services"]} <= {s["id"] for s in data["structures"]}


def test_contacts_may_be_for_members_only(get_json: Callable[..., Any]) -> None:
    structure = StructureFactory(email="secret@example.org", contact_visibility=Visibility.MEMBERS)

    assert get_json(f"{STRUCTURES}{structure.pk}/")["contacts"] is None
    for name in ("geojson", "csv", "data-inclusion.json"):
        response = Client().get(f"/api/v1/structures.{name}")
        assert b"secret@example.org" not in b"".join(response)  # type: ignore[arg-type]


def test_the_map_counts_departments(some: None, get_json: Callable[..., Any]) -> None:
    directory()
    data = get_json(f"{STRUCTURES}map/", service="ecoute")

    counts = {d["code"]: d["count"] for d in data["metropolitan"] if d["count"]}
    assert counts == {"59": 1, "13": 1}
    assert len(data["metropolitan"]) == 96
    assert [d["code"] for d in data["overseas"]] == ["971", "972", "973", "974", "976"]
    (north,) = [d for d in data["metropolitan"] if d["code"] == "59"]
    assert north["html_url"].endswith("/reseau/?service=ecoute&territory=59")
    assert "CC BY 4.0" in data["credit"]


def test_a_sheet_has_those_who_come_from_elsewhere(
    some: None, get_json: Callable[..., Any]
) -> None:
    data = get_json(f"{STRUCTURES}departments/59/")

    assert {s["title"] for s in data["structures"]} == {"Écoute du Nord", "Foyer du Nord"}
    assert {s["title"] for s in data["others"]} == {"Maison de Marseille", "Plateforme nationale"}
    get_json(f"{STRUCTURES}departments/R32/", status=404)


def test_readers_of_another_language_get_french_entries_and_terms_in_their_own(
    some: None, get_json: Callable[..., Any], count_queries: Callable[..., int]
) -> None:
    english = Locale.objects.create(language_code="en")
    term = StructureType.objects.get(slug="association").copy_for_translation(english)
    term.label = "Charity"
    term.save()
    query = {"locale": "en", "fallback": "true"}

    def points(**query: str) -> dict[str, str]:
        content = Client().get("/api/v1/structures.geojson", query).getvalue()
        cards = [feature["properties"] for feature in json.loads(content)["features"]]
        return {card["title"]: card["structure_type"]["label"] for card in cards}

    assert points(locale="en") == {}
    assert points(**query)["Écoute du Nord"] == "Charity"
    assert "Charity" not in points().values()
    few = count_queries(lambda: points(**query))
    for number in range(5):
        StructureFactory(name=f"Autre {number}")
    assert len(points(**query)) > 5
    assert count_queries(lambda: points(**query)) == few

    sheet = f"{STRUCTURES}departments/59/"
    assert get_json(sheet, locale="en")["structures"] == []
    data = get_json(sheet, **query)["structures"]
    assert {s["title"]: s["is_fallback"] for s in data}["Écoute du Nord"]
    shown = Client().get("/en/reseau/departements/59/").content.decode()
    assert '<span lang="fr" dir="ltr">Écoute du Nord</span>' in shown


def test_a_path_of_the_network_resolves(get_json: Callable[..., Any]) -> None:
    directory()
    structure = StructureFactory(name="Point d'écoute")

    data = get_json("/api/v1/resolve/", path=f"/reseau/{structure.pk}-point-decoute")

    assert data["page"] == get_json(f"{STRUCTURES}{structure.pk}/")
    assert [link["path"] for link in data["page"]["breadcrumbs"]] == ["/", "/reseau/"]
    sheet = get_json("/api/v1/resolve/", path="/reseau/departements/59/")
    assert sheet["page"]["type"] == "department_sheet"
    assert get_json("/api/v1/resolve/", path="/reseau/")["page"]["type"] == "directory"
