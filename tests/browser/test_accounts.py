"""Signing in, being kept out, a second factor and the end of a session, in a browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from core.models import User
from resources.models import ResourcePage
from tests.accounts.factors import PASSWORD, code_of, give_password
from tests.factories import ResourcePageFactory
from tests.factories.contributions import member

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from pytest_django.fixtures import SettingsWrapper

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NARROW, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


@pytest.fixture
def relecture(transactional_db: None) -> User:
    return give_password(
        member(
            "Relecture",
            "relectrice",
            email="relectrice@example.org",
            first_name="Rel",
            last_name="Ectrice",
        )
    )


def fill_in(page: Page, user: User, password: str = PASSWORD) -> None:
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(password)
    page.keyboard.press("Enter")


def is_wider_than_the_screen(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"))


@pytest.mark.parametrize("viewport", [NARROW, WIDE], ids=["narrow", "wide"])
def test_a_second_factor_is_set_up_and_used(
    open_page: Callable[..., Page],
    check_accessibility: Callable[[Page], None],
    relecture: User,
    settings: SettingsWrapper,
    viewport: dict[str, int],
) -> None:
    settings.MFA_REQUIRED = True
    page = open_page("/admin/pages/", viewport)
    check_accessibility(page)
    fill_in(page, relecture)

    expect(page.get_by_role("heading", level=1)).to_have_text("Protéger votre compte")
    check_accessibility(page)
    assert not is_wider_than_the_screen(page)
    page.get_by_text("Taper la clé au lieu de scanner").click()
    secret = page.locator("details code").inner_text().replace(" ", "")
    page.locator("[name=code]").fill("12")
    page.keyboard.press("Enter")
    expect(page.locator(".error")).to_contain_text("Ce code n'est pas le bon")
    page.locator("[name=code]").fill(code_of(secret))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos codes de secours")
    check_accessibility(page)
    assert not is_wider_than_the_screen(page)
    recovery = page.locator("[data-codes] code").first.inner_text()
    page.get_by_role("link", name="C'est noté, continuer").click()
    expect(page).to_have_url(re.compile("/admin/pages/"))

    again = open_page("/admin/", viewport)
    fill_in(again, relecture)
    expect(again.get_by_role("heading", level=1)).to_have_text("Votre code")
    again.get_by_text("Je n'ai pas mon téléphone").click()
    check_accessibility(again)
    again.locator("[name=code]").fill(recovery)
    again.keyboard.press("Enter")
    expect(again).to_have_url(re.compile("/admin/$"))
    again.goto("/admin/account/securite/")
    check_accessibility(again)
    assert not is_wider_than_the_screen(again)
    again.get_by_role("button", name="Fermer toutes les autres sessions").click()
    expect(again.locator(".messages")).to_contain_text("1 session fermée")
    page.goto("/admin/")
    expect(page).to_have_url(re.compile("/admin/login/"))
    assert Authenticator.objects.filter(user=relecture).count() == 2


def test_who_guesses_is_kept_out_and_a_known_browser_is_not(
    open_page: Callable[..., Page],
    relecture: User,
    expected: list[str],
) -> None:
    expected.append("429")
    usual = open_page("/admin/", NARROW)
    fill_in(usual, relecture)
    expect(usual).to_have_url(re.compile("/admin/$"))
    usual.context.clear_cookies(name="sessionid")
    page = open_page("/admin/login/", NARROW)
    for number in range(6):
        fill_in(page, relecture, f"un mot de passe faux {number}")
        expect(page.locator(".messages .error")).to_be_visible()

    fill_in(page, relecture)

    expect(page.locator(".messages .error")).to_contain_text("Vous pourrez réessayer dans")
    usual.goto("/admin/")
    fill_in(usual, relecture)
    expect(usual).to_have_url(re.compile("/admin/$"))


def test_what_was_typed_outlives_the_session(
    open_page: Callable[..., Page], relecture: User, expected: list[str]
) -> None:
    # Signs of life of the editor, of which Wagtail's script makes an error of its own.
    expected += ["403 (Forbidden)", "isEditing", "TypeError", "HTTP"]
    resource = ResourcePageFactory(title="Avant", live=False)
    page = open_page(f"/admin/pages/{resource.pk}/edit/")
    fill_in(page, relecture)
    page.locator("#id_title").fill("Deux heures de travail")
    Session.objects.all().delete()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    dialog = page.get_by_role("dialog", name="Votre session a pris fin")
    expect(dialog).to_be_visible()

    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="Se connecter dans un autre onglet").click()
    other = opened.value
    fill_in(other, relecture)
    expect(other).to_have_url(re.compile("/admin/$"))
    page.bring_to_front()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    expect(page.locator(".messages")).to_contain_text("Deux heures de travail")

    assert ResourcePage.objects.get(pk=resource.pk).get_latest_revision_as_object().title == (
        "Deux heures de travail"
    )
