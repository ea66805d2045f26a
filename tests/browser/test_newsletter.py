"""The newsletter in a real browser: somebody subscribes, the team prepares, reviews and sends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core import mail
from playwright.sync_api import expect

from core import public_forms
from newsletter.models import NewsletterIssuePage, Subscriber
from tests.answers import path_in_mail
from tests.browser.conftest import PHONE
from tests.browser.test_contributions import approve, person, sign_in
from tests.factories import NewsPageFactory, ResourcePageFactory
from tests.factories.newsletter import SubscriberFactory, archive

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _filled_in_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a machine be as slow as a person."""
    monkeypatch.setattr(public_forms, "MIN_FILL_SECONDS", 0)


@pytest.mark.parametrize("javascript", [True, False])
def test_subscribing_choosing_pausing_and_leaving(
    open_page: Callable[..., Page], check_accessibility: Any, javascript: bool
) -> None:
    page = open_page("/lettre/inscription/", PHONE, java_script_enabled=javascript)
    if javascript:
        check_accessibility(page)
    page.get_by_label("Adresse e-mail").fill("camille@example.org")
    page.get_by_text("Sujets qui vous intéressent").first.click()
    page.get_by_label("Fugue et disparition").check()
    page.get_by_label(re.compile("J'accepte de recevoir")).check()
    page.get_by_role("button", name="M'abonner").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Regardez vos e-mails")

    page.goto(path_in_mail("/lettre/confirmer/", "camille@example.org"))
    page.get_by_role("button", name="Confirmer mon abonnement").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("est confirmé")
    assert Subscriber.objects.receiving().count() == 1

    page.goto(path_in_mail("/lettre/mes-choix/", "camille@example.org"))
    if javascript:
        check_accessibility(page)
    expect(page.get_by_label("Fugue et disparition")).to_be_checked()
    page.get_by_role("button", name="Faire une pause").click()
    expect(page.get_by_role("status").first).to_contain_text("pendant votre pause")
    page.get_by_role("button", name="Reprendre maintenant").click()
    page.get_by_role("link", name="Me désabonner").click()
    page.get_by_role("button", name="Me désabonner").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Vous êtes désabonné·e")
    assert not Subscriber.objects.receiving().exists()


def test_errors_are_told_and_what_was_typed_stays(
    browser: Any, live_server: Any, check_accessibility: Any
) -> None:
    # Without open_page, which takes the 422 that the browser mentions for a fault of ours.
    context = browser.new_context(viewport=PHONE, base_url=live_server.url)
    page = context.new_page()
    page.goto("/lettre/inscription/")
    page.get_by_label("Vous travaillez pour").fill("Association Exemple")

    page.get_by_role("button", name="M'abonner").click()

    expect(page.get_by_role("alert")).to_contain_text("Rien n'est encore enregistré")
    expect(page.get_by_label("Vous travaillez pour")).to_have_value("Association Exemple")
    check_accessibility(page)
    context.close()


def test_the_whole_way_from_the_proposal_to_the_inbox(
    open_page: Callable[..., Page], get_json: Callable[..., Any]
) -> None:
    archive()
    NewsPageFactory(title="Une actualité du réseau")
    ResourcePageFactory(title="Un guide à lire")
    ResourcePageFactory(title="Un guide en trop")
    SubscriberFactory(email="camille@example.org")
    for group, username in (("Coordination", "coordinatrice"), ("Direction", "directrice")):
        person(group, username)

    # The coordinator prepares the edition, drops what is too much, writes the editorial.
    coordinator = sign_in(open_page, "coordinatrice")
    coordinator.goto("/admin/lettre/numeros/")
    coordinator.get_by_role("button", name="Préparer l'édition").click()
    coordinator.wait_for_url(re.compile("/edit/$"))
    issue = NewsletterIssuePage.objects.get()
    items = coordinator.locator("[data-contentpath=items] [data-streamfield-child]")
    extra = items.filter(has_text="Un guide en trop")
    expect(extra).to_be_visible()
    coordinator.locator("[name=subject]").fill("De quoi lire cet automne")
    coordinator.locator("[name=summary]").fill("Une actualité et un guide.")
    editorial = coordinator.locator("[data-contentpath='editorial'] [contenteditable=true]")
    editorial.click()
    editorial.press_sequentially("Bonjour à toutes et à tous.")
    # The editor hands over what is typed a moment later.
    typed = re.compile("Bonjour à toutes et à tous")
    expect(coordinator.locator("[name=editorial]")).to_have_value(typed)
    extra.get_by_role("button", name="Supprimer").click()
    coordinator.locator("footer [data-w-dropdown-target=toggle]").click()
    coordinator.locator("[name=action-submit]").click()
    coordinator.wait_for_url(re.compile(r"/admin/pages/\d+/"))

    # Two people review it, one after the other.
    approve(coordinator, issue)
    director = sign_in(open_page, "directrice")
    approve(director, issue)

    # It is checked, then sent in two steps; the report says how it went.
    director.goto(f"/admin/lettre/numeros/{issue.pk}/")
    expect(director.get_by_text("Relu et validé par deux personnes.")).to_be_visible()
    expect(director.get_by_text("1 personne le recevra.")).to_be_visible()
    director.get_by_role("button", name="Envoyer…").click()
    director.get_by_role("button", name="Confirmer l'envoi").click()
    expect(director.get_by_text("envoyé : 1")).to_be_visible()

    # It arrived, with what was kept and without what was dropped; it is on the site and in the API.
    (letter,) = [m for m in mail.outbox if m.subject == "De quoi lire cet automne"]
    assert letter.to == ["camille@example.org"]
    assert "Bonjour à toutes et à tous." in letter.body
    assert "Un guide à lire" in letter.body
    assert "Un guide en trop" not in letter.body
    assert get_json("/api/v1/newsletters/")["count"] == 1
    reader = open_page("/lettre/", PHONE)
    reader.get_by_role("link", name=re.compile("Lettre n° 1")).first.click()
    expect(reader.get_by_role("link", name="Un guide à lire")).to_be_visible()
    reader.goto(path_in_mail("/lettre/desabonnement/", "camille@example.org"))
    reader.get_by_role("button", name="Me désabonner").click()
    assert Subscriber.objects.get().state == Subscriber.State.UNSUBSCRIBED
