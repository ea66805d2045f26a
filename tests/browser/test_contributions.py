"""A partner and the team, in a real browser, from the form to the site."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.core import mail
from PIL import Image as Pillow
from playwright.sync_api import expect

from background.workers import TaskWorker
from contributions.models import Contribution, ContributionFile, ContributionState
from contributions.tokens import follow_up_token
from core.models import Image, User
from resources.models import ResourcePage
from tests.background import quick_settings
from tests.browser.conftest import DESKTOP, PHONE
from tests.contributions.hostile import HOSTILE
from tests.contributions.test_files import gps_exif
from tests.factories import image_file, resource_index, text_pdf
from tests.factories.contributions import ContributionFactory, ContributionFileFactory, member
from tests.factories.forms import form_opened_earlier

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "mot de passe"
PEOPLE = (
    ("Relecture", "relectrice"),
    ("Coordination", "coordinatrice"),
    ("Direction", "directrice"),
)


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """What the partner has on their disk."""
    made = {
        "guide.pdf": text_pdf("Repérer les signes").read(),
        "photo.jpg": image_file(size=(640, 480), exif=gps_exif()).read(),
        "programme.pdf": b"MZ\x90\x00" + b"\x00" * 300,
    }
    paths = {}
    for name, content in made.items():
        paths[name] = tmp_path / name
        paths[name].write_bytes(content)
    return paths


def person(group: str, username: str) -> None:
    user = member(group, username)
    user.set_password(PASSWORD)
    user.save()


def sign_in(open_page: Callable[..., Page], username: str) -> Page:
    page = open_page("/admin/login/")
    page.locator("[name=username]").fill(username)
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/admin/$"))
    return page


def fill_in(page: Page, title: str) -> None:
    page.locator("[name=title]").fill(title)
    page.locator("[name=text]").fill("Un guide pour les équipes éducatives.\n\nGratuit.")
    page.locator("[name=person_name]").fill("Camille Martin")
    page.locator("[name=email]").fill("camille@example.org")
    page.locator("[name=role]").select_option("professional")
    page.locator("[name=structure_name]").fill("Association Exemple")
    page.locator("[name=consent]").check()


def send(page: Page, button: str) -> None:
    """Send a form as if it had been opened long enough ago to be filled in by hand."""
    page.locator("[name=started]").evaluate(
        "(input, value) => { input.value = value }", form_opened_earlier()
    )
    page.get_by_role("button", name=button).click()


def letters(to: str) -> list[Any]:
    return [one for one in mail.outbox if one.to == [to]]


def letter_to(username: str) -> str:
    """Return the last e-mail to a member of the team: its subject and its text."""
    letter = letters(User.objects.get(username=username).email)[-1]
    return f"{letter.subject}\n{letter.body}".replace("\u00a0", " ")


def follow_link() -> str:
    return re.findall(r"/contribuer/suivi/\S+", letters("camille@example.org")[-1].body)[0]


def approve(page: Page, draft: ResourcePage) -> None:
    """Tick the checklist of the step and approve, from the page's own editor."""
    page.goto(f"/admin/pages/{draft.pk}/edit/")
    page.locator("footer [data-controller~='w-dropdown'] button[aria-expanded]").last.click()
    page.get_by_role("button", name=re.compile("^Approuver")).click()
    dialog = page.locator(".modal-dialog, [role=dialog]").filter(has=page.locator("form"))
    expect(dialog.locator("input[type=checkbox]").first).to_be_visible()
    for box in dialog.locator("input[type=checkbox]").all():
        box.check()
    with page.expect_navigation(timeout=30_000):
        dialog.locator("button[type=submit]").click()


def save(page: Page, title: str) -> None:
    """Change the title in the page's editor, and save the draft."""
    page.locator("[name=title]").fill(title)
    with page.expect_navigation(timeout=30_000):
        page.get_by_role("button", name=re.compile("^Enregistrer")).first.click()


def test_the_whole_way_from_the_form_to_the_site(  # noqa: PLR0915 (the whole way is long)
    open_page: Callable[..., Page], files: dict[str, Path], get_json: Callable[..., Any]
) -> None:
    resource_index()
    for group, username in PEOPLE:
        person(group, username)

    # The partner sends a PDF, a photograph that knows where it was taken, and a program.
    page = open_page("/contribuer/")
    page.get_by_role("link", name="Une ressource").click()
    fill_in(page, "Guide des signaux faibles")
    page.locator("#id_files").set_input_files(list(files.values()))
    expect(page.locator(".uploads")).to_contain_text("guide.pdf")
    expect(page.locator(".uploads")).to_contain_text("photo.jpg")
    expect(page.locator(".uploads__error")).to_contain_text("programme")
    send(page, "Envoyer à l'équipe")
    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")
    contribution = Contribution.objects.get()
    assert contribution.files.count() == 2
    assert "bien reçu" in letters("camille@example.org")[0].subject

    # Someone of the team reads it and asks for changes.
    reviewer = sign_in(open_page, "relectrice")
    expect(reviewer.locator("#contributions-waiting, main")).to_contain_text("Guide des signaux")
    reviewer.goto(f"/admin/contributions/{contribution.pk}/")
    reviewer.locator("summary", has_text="Demander des modifications").click()
    reviewer.locator("#changes-text").fill("Donnez aussi le titre complet.")
    reviewer.locator("details[open]").get_by_role("button", name="Voir la lettre").click()
    letter = reviewer.frame_locator("iframe").locator("body")
    expect(letter).to_contain_text("Donnez aussi le titre complet.")
    reviewer.locator(".letter-choice").get_by_role("button", name="Envoyer la lettre").click()
    expect(reviewer.get_by_role("status").first).to_be_visible()
    assert "Donnez aussi le titre complet." in letters("camille@example.org")[-1].body

    # The partner amends, finding what was sent before.
    page.goto(follow_link())
    expect(page.locator(".asked")).to_contain_text("titre complet")
    page.get_by_role("link", name="Modifier mon envoi").click()
    expect(page.locator(".asked")).to_contain_text("titre complet")
    expect(page.locator("[name=title]")).to_have_value("Guide des signaux faibles")
    page.locator("[name=title]").fill("Guide complet des signaux faibles")
    send(page, "Envoyer les modifications")
    expect(page.locator(".contribution__state")).to_contain_text("Reçue")

    # The team drafts it, and the first step is approved: the second waits for two people.
    reviewer.goto(f"/admin/contributions/{contribution.pk}/")
    reviewer.get_by_role("button", name=re.compile("Préparer le brouillon")).click()
    draft = ResourcePage.objects.get()
    editor = f"/admin/pages/{draft.pk}/edit/"
    reviewer.wait_for_url(f"**{editor}")
    expect(reviewer.locator(".messages")).to_contain_text("Relecture éditoriale")
    approve(reviewer, draft)
    expect(reviewer.locator(".messages")).to_contain_text("Étape suivante : « Validation »")
    for username in ("coordinatrice", "directrice"):
        assert "Validation : « Guide complet" in letter_to(username)
        assert editor in letter_to(username)

    # One of them changes a word: the review begins again, and whoever approved is told.
    coordinator = sign_in(open_page, "coordinatrice")
    expect(coordinator.locator("main")).to_contain_text("Guide complet des signaux faibles")
    coordinator.goto(editor)
    expect(coordinator.locator("main")).to_contain_text("reprend la relecture depuis le début")
    save(coordinator, "Guide complet des signaux")
    expect(coordinator.locator(".messages")).to_contain_text(
        "la relecture reprend à « Relecture éditoriale »"
    )
    assert "La relecture de « Guide complet des signaux » reprend" in letter_to("relectrice")
    approve(reviewer, draft)
    coordinator.goto(editor)
    assert "Approuver" not in coordinator.locator("footer").inner_text()
    expect(coordinator.locator("main")).to_contain_text("Vous avez modifié ce contenu")
    assert not ResourcePage.objects.get().live
    stranger = open_page("/ressources/")
    expect(stranger.locator("main")).not_to_contain_text("Guide complet")

    # Another person validates: it is online, for readers and for the API.
    director = sign_in(open_page, "directrice")
    approve(director, draft)
    expect(director.locator(".messages")).to_contain_text("est en ligne")
    assert "« Guide complet des signaux » est approuvé" in letter_to("coordinatrice")
    assert ResourcePage.objects.get().live
    stranger.goto(ResourcePage.objects.get().url)
    expect(stranger.get_by_role("heading", level=1)).to_contain_text("Guide complet")
    found = get_json(f"/api/v1/resources/{draft.pk}/")
    assert found["title"] == "Guide complet des signaux"
    assert stranger.request.get(urlsplit(found["document"]["url"]).path).ok
    with Image.objects.get().file.open("rb") as stored, Pillow.open(stored) as photo:
        assert not photo.getexif()
    subjects = " ".join(one.subject for one in letters("camille@example.org"))
    for step in ("bien reçu votre", "modifications demandées", "vos modifications", "relecture"):
        assert step in subjects, subjects
    assert "en ligne" in letters("camille@example.org")[-1].subject
    page.goto(follow_link())
    expect(page.get_by_role("link", name="Voir la page publiée")).to_be_visible()


def test_the_form_works_without_javascript(
    browser: Any, live_server: Any, files: dict[str, Path], transactional_db: None
) -> None:
    context = browser.new_context(
        base_url=live_server.url, java_script_enabled=False, viewport=PHONE
    )
    page = context.new_page()
    page.goto("/contribuer/ressource/")
    fill_in(page, "Sans JavaScript")
    page.locator("[name=consent]").uncheck()
    page.locator("#id_files").set_input_files([files["guide.pdf"], files["programme.pdf"]])
    send(page, "Envoyer à l'équipe")

    expect(page.get_by_role("heading", name="Rien n'est encore envoyé")).to_be_visible()
    expect(page.locator("#errors")).to_contain_text("programme")
    expect(page.locator(".uploads")).to_contain_text("guide.pdf")
    expect(page.locator("[name=title]")).to_have_value("Sans JavaScript")
    page.locator("[name=consent]").check()
    send(page, "Envoyer à l'équipe")

    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")
    assert Contribution.objects.get().files.get().name == "guide.pdf"
    context.close()


def test_a_file_that_was_sent_may_be_taken_back(
    open_page: Callable[..., Page], files: dict[str, Path], transactional_db: None
) -> None:
    page = open_page("/contribuer/actualite/")
    page.locator("#id_files").set_input_files(files["guide.pdf"])

    page.get_by_role("button", name="Retirer guide.pdf").click()

    expect(page.locator(".uploads__file")).to_have_count(0)
    assert not ContributionFile.objects.exists()


def test_a_file_in_verification_is_followed_to_its_end(  # noqa: PLR0917 (fixtures)
    open_page: Callable[..., Page],
    files: dict[str, Path],
    tmp_path: Path,
    transactional_db: None,
    settings: Any,
    check_accessibility: Callable[[Page], None],
) -> None:
    settings.TASKS = quick_settings.TASKS
    bad = tmp_path / "Compte rendu de la journée.docx"
    bad.write_bytes(HOSTILE["macros"][1]())
    page = open_page("/contribuer/ressource/", PHONE)
    fill_in(page, "Un guide et son annexe")
    page.locator("#id_files").set_input_files([files["guide.pdf"], bad])
    expect(page.locator(".uploads__file").nth(1)).to_contain_text("En vérification")
    send(page, "Envoyer à l'équipe")
    expect(page.get_by_role("heading", level=1)).to_contain_text("bien arrivé")
    contribution = Contribution.objects.get()
    page.goto(f"/contribuer/suivi/{follow_up_token(contribution)}/")
    sent = page.locator(".contribution__answers")
    expect(sent.get_by_text("En vérification")).to_have_count(2)

    while TaskWorker().work():
        pass

    page.reload()
    expect(sent).to_contain_text("Contrôlé")
    expect(sent).to_contain_text("Ce document contient des macros")
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.get_by_role("link", name="Envoyer un autre fichier").click()
    expect(page.locator(".uploads")).to_contain_text("contient des macros")
    page.locator("#id_files").set_input_files(files["photo.jpg"])
    expect(page.locator(".uploads")).to_contain_text("photo.jpg")
    send(page, "Envoyer les modifications")

    expect(sent).to_contain_text("photo.jpg")
    expect(sent).not_to_contain_text("Compte rendu")


PATHS = [
    "/contribuer/",
    "/contribuer/formation/",
    "/contribuer/structure/",
    "/contribuer/reseau/",
    "/contribuer/recu/",
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_nothing_overflows_and_axe_finds_nothing(
    open_page: Callable[..., Page],
    check_accessibility: Callable[[Page], None],
    transactional_db: None,
    viewport: dict[str, int],
    scheme: str,
) -> None:
    contribution = ContributionFactory(state=ContributionState.CHANGES_REQUESTED)
    contribution.messages.create(author="team", text="Une question longue " * 20)
    name = "Compte rendu de la journée d'étude.docx"
    ContributionFileFactory(contribution=contribution, name=name, state="checking")
    ContributionFileFactory(contribution=contribution, name=name, state="refused", refusal="macros")
    follow = f"/contribuer/suivi/{follow_up_token(contribution)}/"
    page = open_page("/contribuer/", viewport, color_scheme=scheme)

    for path in [*PATHS, follow, f"{follow}modifier/", f"{follow}retirer/"]:
        page.goto(path)
        check_accessibility(page)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} px too wide"


def test_errors_are_accessible(
    browser: Any,
    live_server: Any,
    check_accessibility: Callable[[Page], None],
    transactional_db: None,
) -> None:
    context = browser.new_context(base_url=live_server.url, viewport=PHONE)
    page = context.new_page()
    page.goto("/contribuer/formation/")

    page.get_by_role("button", name="Envoyer à l'équipe").click()

    expect(page.get_by_role("heading", name="Rien n'est encore envoyé")).to_be_visible()
    check_accessibility(page)
    context.close()


def test_the_inbox_leads_to_a_contribution_by_keyboard_on_a_phone(
    open_page: Callable[..., Page], transactional_db: None
) -> None:
    title = "Une journée d'étude sur le repérage en milieu scolaire et en foyer"
    contribution = ContributionFactory(title=title)
    person("Relecture", "relectrice")
    page = sign_in(open_page, "relectrice")
    page.set_viewport_size(PHONE)
    page.goto("/admin/contributions/")
    link = page.get_by_role("link", name=title)

    link.focus()
    box = link.bounding_box()
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/admin/contributions/{contribution.pk}/")
    assert box is not None
    assert box["x"] >= 0
    assert PHONE["width"] / 3 < box["width"] <= PHONE["width"]
    expect(page.locator("main")).to_contain_text("L'équipe, personne ne la suit")
