"""Each job of the guide (docs/guide/), done by the groups that it names, as it has it.

With ``--update-screenshots``, the pictures of its pages are taken again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from wagtail.models import Locale

from contributions.kinds import ContributionKind
from contributions.models import ContributionState
from core.models import User
from home.models import HomePage, StandardPage
from resources.models import ResourcePage
from tests.answers import path_in_mail
from tests.browser.conftest import PHONE
from tests.browser.guide import Job
from tests.browser.test_contributions import person, sign_in
from tests.browser.test_translations import approve as approve_translation
from tests.factories import (
    StandardPageFactory,
    news_index,
    resource_index,
    text_pdf,
)
from tests.factories.contributions import ContributionFactory
from tests.factories.translations import publish_translation, translate

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NEW_ACCOUNT = {
    "email": "contact@example.org",
    "first_name": "Camille",
    "last_name": "Martin",
}


@pytest.fixture
def page_to_translate(transactional_db: None) -> StandardPage:
    """A page in French, whose home page is public in English too."""
    english = Locale.objects.create(language_code="en")
    publish_translation(translate(HomePage.objects.get(), english))
    page: StandardPage = StandardPageFactory(title="Le projet", slug="le-projet")
    return page


def test_axe_finds_nothing_in_the_guide_on_a_phone(
    open_page: Callable[..., Page], check_accessibility: Callable[[Page], None]
) -> None:
    person("Relecture", "relectrice")
    page = sign_in(open_page, "relectrice")
    page.set_viewport_size(PHONE)

    # With pictures, and with tables that are wider than a phone.
    for name in ("publier-une-ressource", "relecture"):
        page.goto(f"/admin/guide/{name}/")
        check_accessibility(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_publishing_a_resource(begin: Callable[[str], Job], tmp_path: Path) -> None:
    resource_index()
    guide = tmp_path / "signes-faibles.pdf"
    guide.write_bytes(text_pdf("Repérer les signes").read())
    job = begin("publier-une-ressource")
    page = job.sign_in("Coordination")

    with job.part("Écrire la ressource", "Coordination", page) as part:
        part.open_section("Centre de ressources")
        part.press("Ajouter une sous-page")
        page.locator("#id_title").fill("Repérer les signes faibles")
        page.locator("#id_summary").fill("Un guide court, pour toutes les équipes.")
        page.locator("#id_resource_type").select_option(label="Guide pratique")
        part.picture("fiche", to=640)
        part.press("Choisir un document")
        dialog = page.locator(".modal-dialog")
        part.press("Transférer", dialog)
        part.choose_file(dialog.locator("input[type=file]"), guide)
        dialog.get_by_label("Titre").fill("Repérer les signes faibles")
        part.press("Transférer", dialog.locator("form"))
        expect(dialog).to_be_hidden()
        part.press("Classement")
        page.get_by_label("Repérage et signalement").click()
        part.picture("classement", to=400)
        page.get_by_label("Tous professionnels").click()

    with job.part("Publier", "Coordination", page) as part:
        part.press("Plus d'actions")
        part.picture("publier", top=740)
        part.press("Publier")
        expect(page.locator(".messages")).to_contain_text("créée et publiée")
        part.press("Visualiser la version publiée")
        expect(page.get_by_role("heading", level=1)).to_have_text("Repérer les signes faibles")

    page = job.sign_in("Relecture")
    resource = ResourcePage.objects.get()
    resource.title = "Repérer les signes faibles, dès la rentrée"
    resource.save_revision(user=User.objects.get(username="relecture"))
    page.reload()
    with job.part("Proposer à la relecture", "Relecture", page) as part:
        part.open(resource.title)
        part.press("Plus d'actions")
        part.press("Soumettre à Relecture PARÉ")
        expect(page.locator(".messages")).to_contain_text("soumise")
    job.finish()


def test_reviewing_a_contribution(begin: Callable[[str], Job]) -> None:
    news_index()
    title = "Une journée d'étude à Lille"
    first = ContributionFactory(title=title)
    ContributionFactory(title="Un colloque à Lyon")
    job = begin("relire-une-contribution")
    reviewer = job.sign_in("Relecture")

    with job.part("Lire, et préparer le brouillon", "Relecture", reviewer) as part:
        part.open(title)
        part.picture("fiche", to=640)
        part.press("Préparer le brouillon et lancer la relecture")
        expect(reviewer.locator(".messages")).to_contain_text("Relecture éditoriale")

    reviewer.goto("/admin/")
    with job.part("Demander des modifications", "Relecture", reviewer) as part:
        part.open("Un colloque à Lyon")
        part.press("Demander des modifications")
        reviewer.locator("#changes-text").fill("Donnez aussi le programme et le prix.")
        part.press("Voir la lettre avant de l'envoyer", reviewer.locator("details[open]"))
        expect(reviewer.locator(".letter-choice")).to_be_visible()
        part.picture("lettre", to=800)
        part.press("Envoyer la lettre")
        expect(reviewer.locator(".messages")).to_contain_text("avec votre demande")

    reviewer.goto("/admin/")
    with job.part("Relire le brouillon", "Relecture", reviewer) as part:
        part.open(title)
        reviewer.locator("#id_title").fill("Une journée d'étude à Lille, le 3 mai")
        part.press("Enregistrer le brouillon")
        part.approve("points")

    coordinator = job.sign_in("Coordination")
    with job.part("Valider", "Coordination", coordinator) as part:
        part.open("Une journée d'étude à Lille, le 3 mai")
        part.approve()
        expect(coordinator.locator(".messages")).to_contain_text("est en ligne")
    job.finish()
    first.refresh_from_db()
    assert first.state == ContributionState.PUBLISHED


def test_translating(begin: Callable[[str], Job], page_to_translate: StandardPage) -> None:
    job = begin("traduire")
    page = job.sign_in("Relecture")

    with job.part("Commencer la traduction", "Relecture", page) as part:
        part.press("Pages")
        part.press("Voir les sous-pages de 'Projet PARÉ'")
        part.press("Modifier 'Le projet'")
        part.press("Actions")
        part.press("Traduire cette page")
        page.get_by_label("English").check()
        part.picture("langue", to=420)
        part.press("Soumettre")
        expect(page).to_have_url(re.compile("/edit/$"))

    page.goto("/admin/")
    with job.part("Traduire les textes", "Relecture", page) as part:
        part.open("Le projet")
        part.press("Traduire")
        page.locator(".js-translation-editor textarea").first.fill("The project")
        part.picture("editeur", top=240, to=760)
        part.press("Enregistrer")
        expect(page.locator(".js-translation-editor")).to_contain_text("Traduit manuellement")
        part.press("Proposer à la relecture")
        part.press("Oui, proposer à la relecture")
        expect(page.locator(".translation-state")).to_contain_text("Étape en cours")

    director = job.sign_in("Direction")
    translated = StandardPage.objects.get(locale__language_code="en")
    approve_translation(director, translated)
    coordinator = job.sign_in("Coordination")
    with job.part("Relire la traduction", "Coordination", coordinator) as part:
        part.open("The project")
        part.approve(menu=False)
        expect(coordinator.locator(".messages")).to_contain_text("« The project » est en ligne")
    job.finish()


def test_welcoming_a_partner(begin: Callable[[str], Job], open_page: Callable[..., Page]) -> None:
    request = ContributionFactory(
        kind=ContributionKind.NETWORK, title="", structure_name="Association Exemple"
    )
    job = begin("accueillir-un-partenaire")
    page = job.sign_in("Relecture")

    with job.part("Accepter une demande", "Relecture", page) as part:
        part.open("Association Exemple")
        part.picture("demande", to=640)
        part.press("Voir la lettre avant de l'envoyer")
        part.press("Accepter et envoyer la lettre")
        expect(page.locator(".messages")).to_contain_text("La demande est acceptée")

    page = job.sign_in("Direction")
    with job.part("Créer le compte", "Direction", page) as part:
        part.press("Paramètres")
        part.press("Utilisateurs")
        part.press("Ajouter un utilisateur")
        for name, value in NEW_ACCOUNT.items():
            page.locator(f"main [name={name}]").fill(value)
        part.press("Rôles")
        part.press("Partenaires")
        part.picture("roles", to=560)
        part.press("Envoyer l'invitation")
        expect(page.locator(".messages")).to_contain_text("Invitation envoyée")
    job.finish()
    request.refresh_from_db()
    assert request.state == ContributionState.ACCEPTED
    partner = open_page(path_in_mail("/admin/connexion/invitation/"))
    for name in ("new_password1", "new_password2"):
        partner.locator(f"[name={name}]").fill("une phrase que personne ne devine")
    partner.keyboard.press("Enter")
    expect(partner).to_have_url(re.compile("/admin/mes-contributions/$"))
