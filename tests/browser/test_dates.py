"""Dates typed in the administration, in a real browser: the pickers write nothing over them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_contributions import person, sign_in
from tests.factories import NewsPageFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    "typed,kept", [("10/12/2026", dt.date(2026, 12, 10)), ("2026-12-11", dt.date(2026, 12, 11))]
)
def test_a_date_is_kept_as_it_was_typed(
    open_page: Callable[..., Page], typed: str, kept: dt.date
) -> None:
    news = NewsPageFactory(date=dt.date(2026, 1, 2))
    person("Coordination", "coordinatrice")
    page = sign_in(open_page, "coordinatrice")

    page.goto(f"/admin/pages/{news.pk}/edit/")
    field = page.locator("#id_date")
    expect(field).to_have_value("02/01/2026")
    field.fill(typed)
    field.press("Tab")
    expect(field).to_have_value(typed)
    page.get_by_role("button", name="Enregistrer le brouillon").first.click()

    expect(page.get_by_text("a été mise à jour").first).to_be_visible()
    expect(page.locator("#id_date")).to_have_value(f"{kept:%d/%m/%Y}")
    news.refresh_from_db()
    assert news.get_latest_revision_as_object().date == kept


def test_a_date_that_can_t_be_read_is_an_error(open_page: Callable[..., Page]) -> None:
    news = NewsPageFactory(date=dt.date(2026, 1, 2))
    person("Coordination", "coordinatrice")
    page = sign_in(open_page, "coordinatrice")

    page.goto(f"/admin/pages/{news.pk}/edit/")
    page.locator("#id_date").fill("vendredi prochain")
    page.locator("#id_date").press("Tab")
    page.get_by_role("button", name="Enregistrer le brouillon").first.click()

    expect(page.locator("#panel-child-contenu-date-section")).to_contain_text("date valide")
    expect(page.locator("#id_date")).to_have_value("vendredi prochain")


def test_a_picker_takes_its_room_and_lies_over_no_button(open_page: Callable[..., Page]) -> None:
    news = NewsPageFactory(date=dt.date(2026, 1, 2))
    person("Coordination", "coordinatrice")
    page = sign_in(open_page, "coordinatrice")

    page.goto(f"/admin/pages/{news.pk}/edit/")
    page.locator("#id_date").click()
    picker = page.locator(".xdsoft_datetimepicker").locator("visible=true")
    expect(picker).to_have_count(1)
    shown, below = picker.bounding_box(), page.locator("#id_linked_resource-chooser").bounding_box()
    assert shown
    assert below
    assert shown["y"] + shown["height"] <= below["y"]
    # A mouse that is pressed and let go on the button finds it both times.
    page.get_by_role("button", name="Enregistrer le brouillon").first.click()
    expect(page.get_by_text("a été mise à jour").first).to_be_visible()
