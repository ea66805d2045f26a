"""The directory as visitors see it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils.translation import override

from core.models import Service
from network.opening_hours import describe_opening_hours, validate_opening_hours
from network.schemas import (
    DepartmentSheet,
    DirectoryDetail,
    FranceMap,
    StructureDetail,
    StructureList,
)
from tests.factories.network import LILLE, StructureFactory, directory
from tests.factories.pages import published_in

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db


def body(address: str, **query: Any) -> str:
    response = Client().get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_directory_lists_and_maps() -> None:
    directory()
    StructureFactory(name="Point d'écoute", services=[Service.objects.get(slug="ecoute")], **LILLE)

    page = body("/reseau/")

    assert "Point d&#x27;écoute" in page
    assert 'aria-label="Nord (59)' in page.replace("\n", "")
    assert "Victor Cazanave" in page


def test_near_a_place_nobody_knows() -> None:
    directory()
    StructureFactory(**LILLE)

    assert "Nous ne connaissons pas « Atlantide »" in body("/reseau/", place="Atlantide")


def test_the_points_of_the_map_are_of_what_the_page_understood(client: Client) -> None:
    StructureFactory(**LILLE)
    path = directory().url

    for query in (
        "?type=nope&utm_source=lettre&radius=25&place=",
        "?serves=59&order=distance",
        "?q=a&q=b",
    ):
        points = client.get(path + query).context["map"].points_url

        assert client.get(points).status_code == 200, points
    assert points.endswith("?q=b")


def test_several_places_of_one_name_are_offered() -> None:
    directory()

    page = body("/reseau/", place="Saint-Denis")

    assert "Saint-Denis (974)" in page
    assert "Saint-Denis (93)" in page


def test_an_old_name_leads_to_the_new_address() -> None:
    structure = StructureFactory(name="Nouveau nom")

    response = Client().get(f"/reseau/{structure.pk}-ancien-nom/")

    assert response.status_code == 301
    assert response["Location"] == structure.path


def test_what_is_not_there_is_404() -> None:
    draft = StructureFactory(draft=True)

    assert Client().get(draft.path).status_code == 404
    assert Client().get("/reseau/departements/99/").status_code == 404
    assert Client().get("/reseau/departements/R32/").status_code == 404


def test_structures_are_in_the_sitemap() -> None:
    structure = StructureFactory()

    assert structure.path in body("/sitemap.xml")


# What the site shows, the API says: the same page comes out of what an HTTP client was given.


def render(template: str, path: str, **context: Any) -> str:
    request = RequestFactory().get(path)
    return render_to_string(template, context, request)


@pytest.fixture
def full() -> Any:
    directory()
    StructureFactory(name="Nationale", coverage="national", department="75")
    return StructureFactory(
        name="Point d'écoute",
        acronym="PE",
        description="Un texte.\n\nUn autre.",
        services=list(Service.objects.all()[:3]),
        opening_hours="Mo-Fr 09:00-12:30; PH off",
        email="contact@example.org",
        website="https://example.org/",
        verified_on="2026-01-01",
        **LILLE,
    )


def test_parity_of_a_structure(full: Any, get_json: Callable[..., Any]) -> None:
    data = StructureDetail.model_validate(get_json(f"/api/v1/structures/{full.pk}/"))

    assert render("network/structure.html", full.path, page=data) == body(full.path)


def test_parity_of_a_sheet(full: Any, get_json: Callable[..., Any]) -> None:
    data = DepartmentSheet.model_validate(get_json("/api/v1/structures/departments/59/"))
    path = "/reseau/departements/59/"

    assert render("network/department_sheet.html", path, page=data) == body(path)


def test_parity_of_the_directory(full: Any, get_json: Callable[..., Any]) -> None:
    query = "territory=59&place=Roubaix"
    page = get_json("/api/v1/resolve/", path="/reseau/")["page"]
    listed = json.loads(Client().get(f"/api/v1/structures/?{query}&limit=12&facets=true").content)
    drawn = json.loads(Client().get(f"/api/v1/structures/map/?{query}").content)

    assert render(
        "network/directory_page.html",
        f"/reseau/?{query}",
        page=DirectoryDetail.model_validate(page),
        list=StructureList.model_validate(listed),
        map=FranceMap.model_validate(drawn),
    ) == body(f"/reseau/?{query}")


def test_the_map_of_the_api_links_to_pages_and_points_in_its_language(
    full: Any, get_json: Callable[..., Any]
) -> None:
    published_in("en", directory())

    drawn = get_json("/api/v1/structures/map/?locale=en&fallback=true")

    (nord,) = [each for each in drawn["metropolitan"] if each["code"] == "59"]
    assert nord["html_url"] == "http://testserver/en/reseau/?territory=59"
    assert drawn["points_url"].endswith("/structures.geojson?locale=en&fallback=true")


@pytest.mark.parametrize(
    "hours, expected",
    [
        ("24/7", ["Tous les jours, jour et nuit"]),
        (
            "Mo-Fr 09:00-12:30,14:00-18:00; Sa 10:00-12:00; PH off",
            [
                "Du lundi au vendredi : 9 h à 12 h 30, 14 h à 18 h",
                "Samedi : 10 h à 12 h",
                "Jours fériés : fermé",
            ],
        ),
        ('Mo,We 09:00-12:00 "sur rendez-vous"', ["Lundi, mercredi : 9 h à 12 h (sur rendez-vous)"]),
        ("09:00-12:00", ["9 h à 12 h"]),
        ("week 1 Mo", ["week 1 Mo"]),
    ],
)
def test_opening_hours_are_read_out(hours: str, expected: list[str]) -> None:
    assert [line.replace("\u00a0", " ") for line in describe_opening_hours(hours)] == expected


def test_opening_hours_are_read_out_in_the_language_of_the_reader() -> None:
    with override("en"):
        (line,) = describe_opening_hours("Mo-Fr 09:00-12:30")

    assert line.replace("\u00a0", " ") == "Monday to Friday: 9 a.m. to 12:30 p.m."


@pytest.mark.parametrize("hours", ["Lu-Ve 9h-12h", "Mo 25:00-26:00", ";", "Mo-Fr 9-12", "week 1"])
def test_unreadable_hours_are_refused(hours: str) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        validate_opening_hours(hours)
