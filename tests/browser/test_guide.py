"""Each job of the guide (docs/guide/), done by the groups that it names, as it has it.

With ``--update-screenshots``, the pictures of its pages are taken again.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from playwright.sync_api import expect

from contributions.models import ContributionState
from resources.models import ResourcePage
from review.addresses import edit_path
from tests.browser.guide import Job
from tests.factories import news_index, resource_index, text_pdf
from tests.factories.contributions import ContributionFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOW = dt.datetime(2027, 3, 1, 9, 0, tzinfo=dt.UTC)
"""After the day on which this was written, so that cookies are not too old."""


@pytest.fixture(autouse=True)
def _same_day() -> Iterator[None]:
    """Let pictures have the same dates whenever they are taken."""
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def begin(open_page: Callable[..., Page], pytestconfig: pytest.Config) -> Any:
    """Begin a job by its page."""

    def begin(name: str) -> Job:
        return Job(name, open_page, pytestconfig.getoption("--update-screenshots"))

    return begin


def test_publishing_a_resource(begin: Callable[[str], Job], tmp_path: Path) -> None:
    resource_index()
    guide = tmp_path / "signes-faibles.pdf"
    guide.write_bytes(text_pdf("Repérer les signes").read())
    job = begin("publier-une-ressource")
    page = job.sign_in("Coordination")

    with job.part("Écrire la ressource", "Coordination", page) as part:
        part.press("Pages")
        part.press("Voir les sous-pages de 'Projet PARÉ'")
        part.press("Centre de ressources")
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
    page.goto(edit_path(ResourcePage, ResourcePage.objects.get().pk))
    with job.part("Proposer à la relecture", "Relecture", page) as part:
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

    editor = reviewer.url
    reviewer.goto("/admin/")
    with job.part("Demander des modifications", "Relecture", reviewer) as part:
        part.open("Un colloque à Lyon")
        part.press("Demander des modifications")
        reviewer.locator("#changes-text").fill("Donnez aussi le programme et le prix.")
        part.press("Voir la lettre avant de l'envoyer", reviewer.locator("details[open]"))
        expect(reviewer.locator(".letter-choice")).to_be_visible()
        part.picture("lettre", to=800)
        part.press("Envoyer la lettre")
        expect(reviewer.locator(".messages")).to_contain_text("reçoit votre demande")

    reviewer.goto(editor)
    with job.part("Relire le brouillon", "Relecture", reviewer) as part:
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
