"""A person registers, confirms, cancels; another is promoted from the waiting list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail

from core import public_forms
from events.models import Registration
from tests.answers import path_in_mail
from tests.browser.conftest import PHONE
from tests.factories.events import (
    SECRET,
    TrainingPageFactory,
    WebinarPageFactory,
    only_session,
    training_date,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NO_HURRY = 0


@pytest.fixture(autouse=True)
def _filled_in_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a machine be as slow as a person."""
    monkeypatch.setattr(public_forms, "MIN_FILL_SECONDS", NO_HURRY)


def fill_in(page: Page, email: str) -> None:
    page.get_by_label("Prénom et nom").fill("Camille Exemple")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Département").select_option("59")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Envoyer mon inscription").click()


@pytest.mark.parametrize("javascript", [True, False])
def test_registering_confirming_cancelling_and_being_promoted(
    open_page: Callable[..., Page], check_accessibility: Any, javascript: bool
) -> None:
    event = WebinarPageFactory(title="Repérer sans stigmatiser", capacity=1)
    path = f"/agenda/{event.slug}/"

    page = open_page(path, viewport=PHONE, java_script_enabled=javascript)
    page.get_by_role("link", name="S'inscrire").click()
    if javascript:
        check_accessibility(page)
    fill_in(page, "a@example.org")
    page.get_by_role("heading", name="Regardez vos e-mails").wait_for()
    page.goto(path_in_mail("/inscriptions/confirmer/", "a@example.org"))
    page.get_by_role("button", name="Confirmer mon inscription").click()
    page.get_by_role("heading", name="Votre inscription est confirmée").wait_for()
    join = page.get_by_role("link", name="Rejoindre en ligne")
    assert join.get_attribute("href") == SECRET

    page.goto(path)
    page.get_by_role("link", name="Rejoindre la liste d'attente").click()
    fill_in(page, "b@example.org")
    page.goto(path_in_mail("/inscriptions/confirmer/", "b@example.org"))
    page.get_by_role("button", name="Confirmer mon inscription").click()
    page.get_by_role("heading", name="Vous êtes en liste d'attente").wait_for()
    waiting = page.url

    page.goto(path_in_mail("/inscriptions/annuler/", "a@example.org"))
    page.get_by_role("button", name="Confirmer ma désinscription").click()
    page.get_by_role("heading", name="Vous êtes désinscrit·e").wait_for()

    assert "Une place s'est libérée" in mail.outbox[-1].subject + mail.outbox[-2].subject
    page.goto(waiting)
    page.get_by_role("heading", name="Votre inscription est confirmée").wait_for()
    states = dict(Registration.objects.values_list("email", "state"))
    assert states == {"a@example.org": "cancelled", "b@example.org": "confirmed"}


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}])
def test_the_pages_of_the_agenda_are_accessible(
    open_page: Callable[..., Page], check_accessibility: Any, viewport: dict[str, int]
) -> None:
    training = TrainingPageFactory(
        title="Accompagner", dates=[training_date(20), training_date(-3, capacity=1)]
    )
    month = f"{training.dates.first().starts_at:%Y-%m}"

    page = open_page("/agenda/", viewport=viewport)
    for path in (
        "/agenda/",
        f"/agenda/?calendar={month}",
        f"/agenda/{training.slug}/",
    ):
        page.goto(path)
        check_accessibility(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_error_keeps_what_was_typed_and_is_beside_its_field(
    browser: Browser, live_server: Any, check_accessibility: Any
) -> None:
    session = only_session(WebinarPageFactory())
    # Not open_page: a browser complains of a 422.
    context = browser.new_context(viewport=PHONE, base_url=live_server.url)
    page = context.new_page()
    page.goto(f"/inscriptions/{session.uuid}/")

    page.get_by_label("Prénom et nom").fill("Camille Exemple")
    page.get_by_label("Adresse e-mail").fill("camille@")
    page.get_by_role("button", name="Envoyer mon inscription").click()
    page.get_by_role("alert").wait_for()

    assert page.get_by_label("Prénom et nom").input_value() == "Camille Exemple"
    assert page.get_by_label("Adresse e-mail").input_value() == "camille@"
    described = page.get_by_label("Adresse e-mail").get_attribute("aria-describedby")
    data = " ".join(page.locator(f"#{name}").inner_text() for name in described.split())
    assert "valide" in data
    check_accessibility(page)
    context.close()
