"""Writing a page, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_contributions import person, sign_in
from tests.factories import news_index

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
