"""What visitors do, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from core.models import Theme
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import (
    DocumentFactory,
    EmergencyNumberFactory,
    ImageFactory,
    NewsPageFactory,
    ResourcePageFactory,
    StandardPageFactory,
    full_body,
    publish,
    resource_index,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def content(transactional_db: None) -> None:
    EmergencyNumberFactory(number="119", label="Enfance en danger", is_prominent=True)
    flight = ResourcePageFactory(title="Que faire face à une fugue", slug="fugue")
    flight.themes = [Theme.objects.get(slug="fugue")]
    publish(flight)
    spotting = ResourcePageFactory(title="Repérer les signaux faibles", slug="reperer")
    spotting.themes = [Theme.objects.get(slug="reperage")]
    publish(spotting)
    NewsPageFactory(title="La lettre du réseau paraît", slug="lettre")
    other = StandardPageFactory(title="Contact", slug="contact")
    body = full_body(ImageFactory(), DocumentFactory(), other)
    StandardPageFactory(title="Le projet", slug="le-projet", body=body, show_in_menus=True)


def test_filters_apply_as_they_are_ticked_and_the_address_is_the_state(
    open_page: Callable[..., Page], content: None
) -> None:
    page = open_page("/ressources/")
    expect(page.get_by_text("Repérer les signaux faibles")).to_be_visible()

    page.get_by_label(re.compile("Fugue et disparition")).check()

    expect(page.get_by_text("Repérer les signaux faibles")).to_be_hidden()
    expect(page).to_have_url(re.compile("theme=fugue"))
    page.reload()
    expect(page.get_by_role("link", name="Que faire face à une fugue")).to_be_visible()
    expect(page.get_by_text("Repérer les signaux faibles")).to_be_hidden()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_filters_work_without_javascript(
    browser: Any, live_server: Any, content: None, viewport: dict[str, int]
) -> None:
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport=viewport
    )
    page = context.new_page()
    page.goto("/ressources/")

    if viewport == PHONE:
        page.locator("details.filters > summary").click()
    page.get_by_label(re.compile("Fugue et disparition")).check()
    page.get_by_role("button", name="Voir les résultats").click()

    expect(page).to_have_url(re.compile("theme=fugue"))
    expect(page.get_by_text("Repérer les signaux faibles")).to_have_count(0)
    context.close()


def test_suggestions_come_as_one_types_and_lead_to_the_page(
    open_page: Callable[..., Page], content: None
) -> None:
    page = open_page("/")

    page.locator("#site-search").press_sequentially("que faire")
    expect(page.get_by_role("option").first).to_contain_text("Que faire face à une fugue")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile("/ressources/fugue/$"))


def test_searching_marks_what_was_found(open_page: Callable[..., Page], content: None) -> None:
    page = open_page("/")

    page.locator("#site-search").fill("fugue")
    page.keyboard.press("Enter")

    expect(page).to_have_url(re.compile(r"/recherche/\?q=fugue"))
    expect(page.get_by_role("link", name=re.compile("Que faire face à une fugue"))).to_be_visible()


PATHS = [
    "/",
    "/ressources/",
    "/ressources/fugue/",
    "/actualites/",
    "/actualites/lettre/",
    "/le-projet/",
    "/recherche/?q=fugue",
    "/recherche/?q=introuvable",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_overflows_and_axe_finds_nothing(
    open_page: Callable[..., Page],
    check_accessibility: Callable[[Page], None],
    content: None,
    viewport: dict[str, int],
    scheme: str,
) -> None:
    resource_index()
    page = open_page("/", viewport, color_scheme=scheme)

    for path in PATHS:
        page.goto(path)

        check_accessibility(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"


def test_every_page_can_be_read_at_320_pixels(
    open_page: Callable[..., Page], content: None
) -> None:
    page = open_page("/", {"width": 320, "height": 640})

    for path in PATHS:
        page.goto(path)

        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"


def test_reading_leaves_no_cookie(open_page: Callable[..., Page], content: None) -> None:
    page = open_page("/")

    for path in PATHS:
        page.goto(path)

    assert page.context.cookies() == []


def test_the_api_can_be_tried_on_a_page_that_asks_nobody_else(
    open_page: Callable[..., Page], content: None
) -> None:
    page = open_page("/api/v1/docs/")

    expect(page.get_by_text("API PARÉ").first).to_be_visible()
    expect(page.get_by_text("/api/v1/resources/", exact=True).first).to_be_visible()


def test_an_editor_publishes_a_resource_that_readers_then_see(
    open_page: Callable[..., Page], content: None, django_user_model: Any
) -> None:
    django_user_model.objects.create_superuser("editrice", "e@example.org", "mot de passe")
    page = open_page("/admin/login/")
    page.locator("[name=username]").fill("editrice")
    page.locator("[name=password]").fill("mot de passe")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/admin/$"))

    page.goto(f"/admin/pages/add/resources/resourcepage/{resource_index().pk}/")
    page.locator("[name=title]").fill("Un guide tout neuf")
    page.locator("[name=summary]").fill("Ce qu'il faut savoir.")
    page.locator("[name=resource_type]").select_option(label="Guide pratique")
    page.locator("footer [data-w-dropdown-target='toggle']").click()
    page.locator("[name=action-publish]").click()
    page.wait_for_url(re.compile(r"/admin/pages/\d+/$"))

    page.goto("/ressources/un-guide-tout-neuf/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Un guide tout neuf")
