"""The directory and its map, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from core.models import Service
from network.models import Structure
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories.network import MARSEILLE, StructureFactory, directory

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# City, department, latitude, longitude: one near each edge of the map, and Paris.
PLACES = [
    ("Lille", "59", 50.6366, 3.0635),
    ("Strasbourg", "67", 48.5734, 7.7521),
    ("Brest", "29", 48.3904, -4.4861),
    ("Marseille", "13", 43.2965, 5.3698),
    ("Ajaccio", "2A", 41.9192, 8.7386),
    ("Bayonne", "64", 43.4933, -1.4748),
]


@pytest.fixture
def content(transactional_db: None) -> None:
    directory()
    listening = [Service.objects.get(slug="ecoute")]
    for name, department, latitude, longitude in PLACES:
        StructureFactory(
            name=f"Écoute {name}",
            department=department,
            latitude=latitude,
            longitude=longitude,
            services=listening,
        )
    StructureFactory(name="Foyer", shelter=True)
    StructureFactory(name="Autre à Marseille", department="13", **MARSEILLE)
    StructureFactory(name="Guyane", department="973", latitude=4.92, longitude=-52.31)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_directory(
    content: None,
    open_page: Callable[..., Page],
    check_accessibility: Callable[[Page], None],
    viewport: dict[str, int],
    scheme: str,
) -> None:
    page = open_page("/reseau/?place=59000", viewport, color_scheme=scheme)

    expect(page.locator(".map__point").first).to_be_attached()
    check_accessibility(page)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= viewport["width"]


def test_axe_finds_nothing_on_the_other_pages(
    content: None, open_page: Callable[..., Page], check_accessibility: Callable[[Page], None]
) -> None:
    from network.verification import verification_token

    structure = Structure.objects.get(name="Foyer")
    link = f"/reseau/verifier/{verification_token(structure)}/"
    for path in (structure.path, "/reseau/departements/59/", link, f"{link}corriger/"):
        check_accessibility(open_page(path, PHONE))


# In units of the map, 13 km or so: a simplified coast leaves a port that far outside.
BESIDE = 8


def test_each_point_falls_into_its_department(
    content: None, open_page: Callable[..., Page]
) -> None:
    page = open_page("/reseau/")
    expect(page.locator(".map__point").first).to_be_attached()

    found = page.evaluate(
        """() => {
          const outlines = [...document.querySelectorAll(".map__department")].map((a) =>
            [a.dataset.code, a.querySelector("path")]);
          const apart = (path, x, y) => {
            if (path.isPointInFill(new DOMPoint(x, y))) return 0;
            const length = path.getTotalLength();
            const steps = Array.from({length: 400}, (_, i) => i / 400 * length);
            const points = steps.map((step) => path.getPointAtLength(step));
            return Math.min(...points.map((p) => Math.hypot(p.x - x, p.y - y)));
          };
          return [...document.querySelectorAll(".map__point")].map((point) => {
            const [x, y] = [point.cx.baseVal.value, point.cy.baseVal.value];
            const near = outlines.map(([code, path]) => [apart(path, x, y), code]);
            return near.sort(([one], [other]) => one - other)[0];
          });
        }"""
    )

    # Both of Marseille are at one point; the shelter has none, and Guyane is beside the map.
    assert sorted(code for _, code in found) == ["13", "29", "2A", "59", "64", "67"]
    assert max(distance for distance, _ in found) < BESIDE
    assert page.locator(".map__cluster").all_text_contents() == ["2"]
    assert page.locator("[data-map-points]").get_attribute("data-count") == "7"


def test_the_map_is_used_with_the_keyboard(content: None, open_page: Callable[..., Page]) -> None:
    page = open_page("/reseau/")
    north = page.get_by_role("link", name="Nord (59) : 2 structures")

    north.focus()
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("territory=59"))
    expect(page.locator("#results-count")).to_contain_text("2")
    expect(page.get_by_role("link", name="Fiche à imprimer : Nord")).to_be_visible()


def test_choosing_a_service_filters_list_and_map(
    content: None, open_page: Callable[..., Page]
) -> None:
    page = open_page("/reseau/")

    page.get_by_label("Écoute et information").check()

    expect(page.locator("#results-count")).to_contain_text("6")
    expect(page.locator("[data-map-points]")).to_have_attribute("data-count", "6")
    assert "service=ecoute" in page.url


def test_without_a_script_the_list_has_everything(
    content: None, browser: Any, live_server: Any
) -> None:
    context = browser.new_context(
        viewport=PHONE, base_url=live_server.url, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/reseau/")

    page.locator("summary", has_text="Chercher et filtrer").click()
    page.get_by_label("Près de").fill("59100")
    page.get_by_role("button", name="Voir les résultats").click()

    titles = page.locator(".structures h3").all_inner_texts()
    assert titles == ["Écoute Lille", "Foyer"]
    context.close()
