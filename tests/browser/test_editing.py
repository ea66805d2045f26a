"""Writing a page, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_contributions import person, sign_in
from tests.factories import ImageFactory, NewsPageFactory, news_index, publish, stream

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_slug_follows_the_title(open_page: Callable[..., Page]) -> None:
    index = news_index()
    person("Coordination", "coordinatrice")
    page = sign_in(open_page, "coordinatrice")

    page.goto(f"/admin/pages/add/resources/newspage/{index.pk}/")
    page.locator("#id_title").press_sequentially("Guide de l’éditrice : prostitué·es ")
    page.locator("#id_title").press("Tab")

    expect(page.locator("#id_slug")).to_have_value("guide-de-l-editrice-prostitue-es")


def test_checks_run_on_the_preview(open_page: Callable[..., Page]) -> None:
    picture = {"image": ImageFactory().pk, "alt_text": "IMG_2031.jpg", "decorative": False}
    body = stream(
        ("heading", {"text": "Trop bas", "level": "3"}),
        ("image", {"image": picture, "caption": ""}),
    )
    news = NewsPageFactory(title="Guide", body=body)
    person("Coordination", "coordinatrice")
    page = sign_in(open_page, "coordinatrice")

    page.goto(f"/admin/pages/{news.pk}/edit/")
    page.locator("[data-side-panel-toggle=checks]").first.click()
    rows = page.locator("[data-checks-panel] [data-content-checker-row]")

    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("Le texte alternatif")
    expect(rows.nth(1)).to_contain_text("Hiérarchie de titre incorrecte")


def test_the_site_leads_an_editor_to_the_page(open_page: Callable[..., Page]) -> None:
    news = NewsPageFactory(title="Guide")
    publish(news)
    person("Coordination", "coordinatrice")
    page = sign_in(open_page, "coordinatrice")

    page.goto(news.url)
    page.locator("#wagtail-userbar-trigger").click()
    page.get_by_role("menuitem", name="Modifier cette page").click()

    expect(page).to_have_url(re.compile(rf"/admin/pages/{news.pk}/edit/$"))
