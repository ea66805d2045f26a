"""French first, every language after: the switch, the direction, the numbers that save."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from wagtail.models import Locale

from home.models import HomePage
from tests.browser.conftest import DESKTOP, PHONE
from tests.factories import EmergencyNumberFactory, StandardPageFactory, publish

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def content(transactional_db: None) -> None:
    """A home page in three languages, a page in two, and a number to call."""
    EmergencyNumberFactory(number="116 000", label="Enfants disparus", is_prominent=True)
    home = HomePage.objects.get()
    page = StandardPageFactory(title="Le projet", slug="le-projet", show_in_menus=True)
    StandardPageFactory(title="Mentions", slug="mentions")
    for code, title in (("en", "English home"), ("ar", "الرئيسية")):
        locale = Locale.objects.create(language_code=code)
        copy = home.copy_for_translation(locale)
        copy.title = title
        publish(copy)
    translated = page.copy_for_translation(Locale.objects.get(language_code="en"))
    translated.title, translated.slug = "The project", "the-project"
    publish(translated)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_switch_leads_to_the_same_page_or_else_to_the_home_page(
    open_page: Callable[..., Page], content: None, viewport: dict[str, int]
) -> None:
    def switch(name: str) -> None:
        if viewport == PHONE:
            page.get_by_role("button", name=re.compile("Menu|القائمة")).first.click()
        page.get_by_role("link", name=name, exact=True).click()

    page = open_page("/le-projet/", viewport)
    switch("English")
    expect(page).to_have_url(re.compile("/en/the-project/$"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for code in ("fr", "x-default"):
        alternate = page.locator(f"link[rel=alternate][hreflang={code}]")
        expect(alternate).to_have_attribute("href", re.compile("/le-projet/$"))

    switch("العربية")
    expect(page).to_have_url(re.compile("/ar/$"))
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    switch("Français")
    expect(page).to_have_url(re.compile("[0-9]/$"))
    expect(page.locator("html")).to_have_attribute("dir", "ltr")


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_from_right_to_left_nothing_overflows_and_numbers_keep_their_order(
    open_page: Callable[..., Page],
    check_accessibility: Any,
    content: None,
    viewport: dict[str, int],
) -> None:
    page = open_page("/ar/", viewport)

    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    # The first digits are to the left of the last, as on a telephone.
    first, last = page.evaluate(
        """() => {
          const number = [...document.querySelectorAll("bdi")]
            .find((e) => e.textContent.includes("116") && e.getClientRects().length);
          const text = number.firstChild;
          return [[0, 1], [text.length - 1, text.length]].map(([from, to]) => {
            const range = document.createRange();
            range.setStart(text, from);
            range.setEnd(text, to);
            return range.getBoundingClientRect().x;
          });
        }"""
    )
    assert first < last
