"""A translation, from « Traduire » to the site, by three people in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from wagtail.models import Locale

from home.models import HomePage, StandardPage
from network.models import Structure
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_contributions import person, sign_in
from tests.factories import StandardPageFactory
from tests.factories.network import StructureFactory
from tests.factories.translations import publish_translation, translate

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PEOPLE = {"Relecture": "relectrice", "Direction": "directeur", "Coordination": "coordinatrice"}
MENU = "form[data-edit-form] footer"


@pytest.fixture
def page_to_translate(transactional_db: None) -> StandardPage:
    """A page in French; the home page is public in English too."""
    english = Locale.objects.create(language_code="en")
    publish_translation(translate(HomePage.objects.get(), english))
    for group, username in PEOPLE.items():
        person(group, username)
    page: StandardPage = StandardPageFactory(title="Le projet", slug="le-projet")
    return page


def translate_by_hand(page: Page, page_to_translate: StandardPage) -> StandardPage:
    page.goto(f"/admin/localize/submit/page/{page_to_translate.pk}/")
    page.locator("[name=locales]").first.check()
    page.locator("main form [type=submit]").click()
    page.wait_for_url(re.compile("/edit/$"))
    translated = StandardPage.objects.get(locale__language_code="en")
    assert not translated.live
    page.get_by_role("button", name="Traduire").first.click()
    field = page.locator(".js-translation-editor textarea").first
    field.fill("The project")
    page.get_by_role("button", name=re.compile("^(Enregistrer|Sauvegarder)")).first.click()
    expect(page.locator(".js-translation-editor")).to_contain_text("Traduit manuellement")
    return translated


def approve(page: Page, translated: StandardPage) -> None:
    page.goto(f"/admin/pages/{translated.pk}/edit/")
    page.locator(MENU).get_by_role("button", name="Approuver").click()
    dialog = page.locator(".modal-dialog, [role=dialog]").filter(has=page.locator("form"))
    expect(dialog.locator("input[type=checkbox]").first).to_be_visible()
    for box in dialog.locator("input[type=checkbox]").all():
        box.check()
    with page.expect_navigation(timeout=30_000):
        dialog.locator("button[type=submit]").click()


def test_a_translation_goes_from_its_editor_to_the_site(
    open_page: Callable[..., Page], page_to_translate: StandardPage
) -> None:
    page = sign_in(open_page, PEOPLE["Relecture"])
    translated = translate_by_hand(page, page_to_translate)
    expect(page.locator(MENU)).not_to_contain_text("Publier")
    page.locator(MENU).get_by_role("link", name="Proposer à la relecture").click()
    expect(page.locator("main")).to_contain_text("Elle est publiée à la fin de la relecture")
    page.get_by_role("button", name="Oui, proposer à la relecture").click()
    expect(page.locator(".translation-state")).to_contain_text("Étape en cours")

    page = sign_in(open_page, PEOPLE["Direction"])
    approve(page, translated)
    expect(page.locator(".messages")).to_contain_text("Étape suivante")
    assert "The project" not in sign_in(open_page, PEOPLE["Relecture"]).goto("/en/").text()  # type: ignore[union-attr]

    page = sign_in(open_page, PEOPLE["Coordination"])
    approve(page, translated)
    expect(page.locator(".messages")).to_contain_text("« The project » est en ligne")
    path = StandardPage.objects.get(pk=translated.pk).url
    expect(open_page(path).locator("h1")).to_have_text("The project")


@pytest.mark.parametrize("thing", ["page", "structure"])
def test_axe_finds_nothing_in_the_editor(
    open_page: Callable[..., Page],
    page_to_translate: StandardPage,
    check_accessibility: Callable[[Page], None],
    thing: str,
) -> None:
    english = Locale.objects.get(language_code="en")
    if thing == "page":
        address = reverse(
            "wagtailadmin_pages:edit", args=[translate(page_to_translate, english).pk]
        )
    else:
        translated = translate(StructureFactory(), english)
        address = reverse(Structure.snippet_viewset.get_url_name("edit"), args=[translated.pk])
    page = sign_in(open_page, PEOPLE["Coordination"])

    page.goto(address)

    button = page.get_by_role("button", name="Traduire").first
    expect(button).to_be_visible()
    check_accessibility(page)
    button.click()
    expect(page.locator(".js-translation-editor textarea").first).to_be_visible()
    check_accessibility(page)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_menu_of_the_editor_is_in_reach(
    open_page: Callable[..., Page], page_to_translate: StandardPage, viewport: dict[str, Any]
) -> None:
    translated = translate(page_to_translate, Locale.objects.get(language_code="en"))
    page = sign_in(open_page, PEOPLE["Coordination"])
    page.set_viewport_size(viewport)
    page.goto(f"/admin/pages/{translated.pk}/edit/")

    menu = page.locator(MENU)
    menu.scroll_into_view_if_needed()
    for name in ("Publier", "Prévisualiser"):
        box = menu.get_by_text(name, exact=True).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= viewport["width"]
    expect(page.locator(".js-translation-editor footer")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
