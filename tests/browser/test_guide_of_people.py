"""The jobs of the guide (docs/guide/) that are done for people: a webinar, the newsletter, the
directory. Each is done by the groups that its page names, as it has it.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from events.models import Registration, Session
from figures.models import DailyTotal
from network.models import Structure
from newsletter.models import NewsletterIssuePage
from tests.accounts.factors import PASSWORD as FACTOR_PASSWORD
from tests.accounts.factors import code_of, give_factor, give_password
from tests.answers import path_in_mail
from tests.browser.conftest import NOW
from tests.browser.guide import COUNT_CLICKS
from tests.browser.test_contributions import approve, letters
from tests.factories import NewsPageFactory, ResourcePageFactory
from tests.factories.contributions import member
from tests.factories.events import (
    RegistrationFactory,
    TrainingPageFactory,
    agenda,
    training_date,
)
from tests.factories.network import StructureFactory, directory
from tests.factories.newsletter import SubscriberFactory, archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page
    from pytest_django.fixtures import SettingsWrapper

    from core.models import User
    from tests.browser.guide import Job, Part

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_running_a_webinar(  # noqa: PLR0915 (a webinar is long)
    begin: Callable[[str], Job], clock: Any
) -> None:
    agenda()
    title = "Repérer sans stigmatiser"
    job = begin("tenir-un-webinaire")
    page = job.sign_in("Coordination")

    with job.part("Annoncer", "Coordination", page) as part:
        part.open_section("Agenda")
        part.press("Ajouter une sous-page")
        part.press("Webinaire")
        page.locator("#id_title").fill(title)
        page.locator("#id_summary").fill("Une heure et demie pour savoir quoi voir, et quoi dire.")
        calendars = page.locator(".xdsoft_datetimepicker:visible")
        for name, moment in (("starts_at", "08/03/2027 14:00"), ("ends_at", "08/03/2027 15:30")):
            field = page.locator(f"#id_{name}")
            field.fill(moment)
            # A calendar opens a tenth of a second after its field: leaving sooner leaves it open.
            expect(calendars).to_have_count(1)
            field.blur()
            expect(calendars).to_have_count(0)
        page.locator("#id_join_url").fill("https://visio.example.org/reperer")
        part.picture("annonce", page.locator("#panel-child-contenu-quand_et_comment-section"))
        part.press("Plus d'actions")
        part.press("Publier", page.locator("footer"))
        expect(page.locator(".messages")).to_contain_text("publiée")

    for name in ("Camille Exemple", "Sacha Exemple"):
        RegistrationFactory(session=Session.objects.get(), name=name, created_at=NOW)
    page.goto("/admin/")
    with job.part("Suivre les inscriptions, et écrire", "Coordination", page) as part:
        part.open_session(title)
        part.picture("inscriptions", to=420)
        part.press("Actions")
        part.press("Écrire aux inscrits")
        page.locator("[name=subject]").fill("Les documents du webinaire")
        page.locator("[name=text]").fill("Vous pourrez les lire avant la séance.")
        part.press("Voir la lettre avant de l'envoyer")
        part.press("Envoyer le message")
        expect(page.locator(".messages")).to_contain_text("2 personnes")

    clock.move_to(NOW + dt.timedelta(days=8))
    page = job.sign_in("Coordination")  # Days after, nobody is signed in any more.
    with job.part("Cocher les présences", "Coordination", page) as part:
        part.open_session(title)
        part.press("Actions")
        part.press("Cocher les présences")
        page.get_by_label("Camille Exemple").check()
        part.picture("presences", to=420)
        part.press("Enregistrer les présences")
        expect(page.locator(".messages")).to_be_visible()

    page.goto("/admin/")
    with job.part("Donner la rediffusion et l'attestation", "Coordination", page) as part:
        part.open_section("Agenda")
        part.open(title)
        page.locator("#id_replay_url").fill("https://video.example.org/reperer")
        part.press("Plus d'actions")
        part.press("Publier", page.locator("footer"))
        expect(page.locator(".messages")).to_contain_text("publiée")
    training = TrainingPageFactory(title="Échanger entre équipes", dates=[training_date()])
    someone = RegistrationFactory(session=training.sessions.get(), name="Andrea Exemple")
    page.goto("/admin/")
    with job.part("Annuler une session", "Coordination", page) as part:
        part.open_session(training.title)
        part.press("Actions")
        part.press("Annuler la session")
        page.locator("[name=reason]").fill("L'intervenante est malade. Nouvelle date : en mai.")
        part.press("Voir la lettre avant de l'envoyer")
        expect(page.locator(".letter-preview")).to_be_visible()
        part.picture("annulation", to=700)
        part.press("Annuler la session", page.locator("main form"))
        expect(page.locator(".messages")).to_contain_text("La session est annulée")
    job.finish()
    assert "malade" in letters(someone.email)[-1].body
    call_command("send_event_emails")
    present, absent = Registration.objects.exclude(pk=someone.pk).order_by("name")
    certificate = path_in_mail("/inscriptions/attestation/", present.email)
    assert page.request.get(certificate).body().startswith(b"%PDF")
    assert "attestation" not in letters(absent.email)[-1].body


def test_sending_the_newsletter(begin: Callable[[str], Job]) -> None:
    archive()
    NewsPageFactory(title="Une actualité du réseau")
    SubscriberFactory(email="camille@example.org")
    job = begin("envoyer-la-lettre")
    coordinator = job.sign_in("Coordination")

    with job.part("Préparer le numéro", "Coordination", coordinator) as part:
        part.press("Lettre")
        part.press("Numéros")
        part.picture("numeros", to=260)
        part.press("Préparer l'édition")
        coordinator.locator("[name=subject]").fill("De quoi lire ce printemps")
        coordinator.locator("[name=summary]").fill("Une actualité du réseau, et l'agenda.")
        # Beside both, wherever the message above leaves the screen.
        coordinator.locator("[name=subject]").evaluate("e => e.scrollIntoView({block: 'center'})")
        part.picture("editeur", to=800)
        part.press("Plus d'actions")
        part.press("Soumettre à Relecture PARÉ")
        expect(coordinator.locator(".messages")).to_contain_text("soumise")

    approve(coordinator, NewsletterIssuePage.objects.get())
    director = job.sign_in("Direction")
    with job.part("Faire relire", "Direction", director) as part:
        part.open(NewsletterIssuePage.objects.get().title)
        part.approve()
        expect(director.locator(".messages")).to_be_visible()

    director.goto("/admin/")
    with job.part("Envoyer", "Direction", director) as part:
        part.press("Lettre")
        part.press("Numéros")
        part.open(NewsletterIssuePage.objects.get().title)
        part.picture("verifier", to=560)
        part.press("Envoyer…")
        part.press("Confirmer l'envoi")
        expect(director.get_by_text("envoyé : 1")).to_be_visible()
    job.finish()


def test_keeping_the_directory(begin: Callable[[str], Job], tmp_path: Path) -> None:
    directory()
    for name, number in (("Association Exemple", "S1"), ("Foyer Exemple", "S2")):
        StructureFactory(name=name, external_id=number, verified_on=dt.date(2025, 9, 1))
    job = begin("tenir-l-annuaire")
    page = job.sign_in("Relecture")

    with job.part("Vérifier les fiches", "Relecture", page) as part:
        part.press("Réseau")
        part.press("Structures")
        boxes = page.locator("tbody input[type=checkbox]")
        expect(boxes).to_have_count(2)
        for box in boxes.all():
            box.check()
        part.press("Marquer vérifiée")
        expect(page.get_by_role("button", name="Oui, marquer vérifiées")).to_be_visible()
        part.picture("verifier", to=420)
        part.press("Oui, marquer vérifiées")
        expect(page.locator(".messages")).to_be_visible()
    assert set(Structure.objects.values_list("verified_on", flat=True)) == {NOW.date()}

    coordinator = job.sign_in("Coordination")
    with job.part("Corriger une fiche", "Coordination", coordinator) as part:
        part.press("Réseau")
        part.press("Structures")
        part.open("Foyer Exemple")
        coordinator.locator("#id_phone").fill("03 20 00 00 00")
        part.press("Lieu")
        part.picture("lieu", to=360)
        part.press("Plus d'actions")
        part.press("Publier")
        expect(coordinator.locator(".messages")).to_contain_text("Foyer Exemple")
    assert Structure.objects.get(name="Foyer Exemple").phone

    coordinator.goto("/admin/")
    title = "Exporter, corriger dans un tableur, importer"
    with job.part(title, "Coordination", coordinator) as part:
        change_by_table(part, tmp_path / "structures.csv")

    coordinator.goto("/admin/")
    with job.part("Ajouter une fiche", "Coordination", coordinator) as part:
        add_entry(part, "Maison Exemple")
    assert Structure.objects.get(name="Maison Exemple").is_confidential
    job.finish()


def add_entry(part: Part, name: str) -> None:
    part.press("Réseau")
    part.press("Structures")
    part.press("Ajouter : structure")
    part.page.locator("#id_name").fill(name)
    part.page.locator("#id_description").fill("Une équipe qui écoute les jeunes.")
    choose_first(part, "Choisir type de structure")
    part.press("Lieu")
    choose_first(part, "Choisir territoire")
    part.press("Plus d'actions")
    part.press("Publier")
    expect(part.page.locator(".messages")).to_contain_text(name)


def choose_first(part: Part, words: str) -> None:
    part.press(words)
    dialog = part.page.locator(".modal-dialog")
    dialog.locator("tbody a").first.click()
    expect(dialog).to_be_hidden()


def change_by_table(part: Part, table: Path) -> None:
    part.press("Réseau")
    part.press("Structures")
    part.press("Actions")
    with part.page.expect_download() as download:
        part.press("Exporter en CSV (à réimporter)")
    rows = download.value.path().read_text(encoding="utf-8-sig")
    table.write_text(rows.replace("Association Exemple", "Association Exemple du Nord"))
    part.press("Réseau")
    part.press("Importer")
    part.choose_file(part.page.locator("#id_file"), table)
    part.press("Voir ce qui changerait")
    expect(part.page.locator("ins")).to_have_text(["Association Exemple du Nord"])
    part.picture("import", to=560)
    part.press("Appliquer l'import")
    expect(part.page.locator(".messages")).to_contain_text("1 modifiée")


def test_seeing_the_figures(begin: Callable[[str], Job]) -> None:
    resource = ResourcePageFactory(title="Repérer les signes faibles")
    for days in range(60):
        day = NOW.date() - dt.timedelta(days=days + 1)
        total = 20 + days * 7 % 15
        DailyTotal.objects.create(day=day, counted="page", thing_id=resource.pk, total=total)
    job = begin("voir-les-chiffres")
    page = job.sign_in("Relecture")

    with job.part("Ce qui est lu, téléchargé, cherché", "Relecture", page) as part:
        part.press("Chiffres")
        part.press("Fréquentation")
        page.get_by_label("Période").select_option(index=1)
        part.press("Afficher")
        expect(page.locator("main")).to_contain_text("Repérer les signes faibles")
        part.picture("totaux", top=160, to=620)

    with job.part("Ce qui est à reprendre", "Relecture", page) as part:
        part.press("Chiffres")
        part.press("Jamais ouverts")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Jamais ouverts")

    with job.part("Le rapport annuel", "Relecture", page) as part:
        part.press("Chiffres")
        part.press("Rapport annuel")
        expect(page.get_by_label("Année")).to_be_visible()
        part.picture("rapport", to=700)
        with page.expect_download() as download:
            part.press("Télécharger en XLSX")
        assert download.value.suggested_filename.endswith(".xlsx")
    job.finish()


def test_protecting_an_account(
    begin: Callable[[str], Job],
    open_page: Callable[..., Page],
    settings: SettingsWrapper,
    clock: Any,
) -> None:
    settings.MFA_REQUIRED = True
    colleague = give_password(member("Relecture", "relecture", first_name="Camille"))
    job = begin("proteger-son-compte")
    page = open_page("/admin/login/")
    page.context.add_init_script(COUNT_CLICKS)

    def set_up(part: Part) -> None:
        secret = page.locator("details code").text_content()
        page.locator("[name=code]").fill(code_of(str(secret).replace(" ", "")))
        part.press("Vérifier le code")
        part.press("C'est noté, continuer")

    sign_in_with(page, colleague)
    with job.part("Mettre en place le second facteur", "Relecture", page) as part:
        part.picture("etapes", page.locator("#main"))
        set_up(part)
        expect(page).to_have_url(re.compile("/admin/$"))
    with job.part("Changer de téléphone", "Relecture", page) as part:
        part.press("Mon compte")
        part.press("Plus d'actions")
        part.press("Sécurité de mon compte")
        part.picture("securite", to=480)
        part.press("Changer de téléphone")
        set_up(part)

    director = give_password(member("Direction", "direction"))
    give_factor(director)
    page = open_page("/admin/login/")
    page.context.add_init_script(COUNT_CLICKS)
    sign_in_with(page, director)
    page.locator("[name=code]").fill(code_of())
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/admin/$"))
    with job.part("Aider une personne qui a tout perdu", "Direction", page) as part:
        part.press("Paramètres")
        part.press("Utilisateurs")
        part.open("Camille")
        part.press("Actions")
        part.press("Réinitialiser le second facteur")
        part.press("Réinitialiser")
        expect(page.locator(".messages")).to_contain_text("Second facteur réinitialisé")
    job.finish()


def sign_in_with(page: Page, user: User) -> None:
    """Give a password, of which the code comes next."""
    page.locator("[name=username]").fill(user.username)
    page.locator("[name=password]").fill(FACTOR_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("[name=code]")).to_be_visible()
