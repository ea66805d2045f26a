"""The sheet of a contribution, as each group of the team has it."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from contributions.drafts import make_draft
from contributions.kinds import ContributionKind
from contributions.models import Contribution, ContributionState
from core.models import Document
from review.groups import TEAM
from tests.contributions.hostile import picture
from tests.factories.contributions import (
    ContributionFactory,
    ContributionFileFactory,
    member,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from core.models import User

pytestmark = pytest.mark.django_db

REASON = "Le sujet n'est pas celui du réseau."


def sheet(client: Client, contribution: Contribution) -> str:
    answer = client.get(reverse("contribution:inspect", args=[contribution.pk]))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def ask_letter(client: Client, contribution: Contribution, action: str, **data: str) -> Any:
    return client.post(reverse("contribution:letter", args=[contribution.pk, action]), data)


def buttons(html: str) -> list[str]:
    """Return the labels of the buttons and links that stand out, as they are read."""
    # Not those of the dialog for a session that ended, which every screen has.
    html = re.sub(r"<dialog.*?</dialog>", "", html, flags=re.S)
    found = re.findall(r'<(?:button|a)[^>]*class="button\s*"[^>]*>(.*?)</(?:button|a)>', html, re.S)
    return [" ".join(each.split()) for each in found]


@pytest.mark.parametrize("group", TEAM)
def test_a_refusal_shows_its_letter_before_it_goes(
    client: Client,
    sections: None,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    group: str,
) -> None:
    contribution = ContributionFactory(title="Hors sujet")
    ContributionFileFactory(contribution=contribution)
    user = member(group)
    make_draft(contribution, user)
    mailoutbox.clear()
    client.force_login(user)

    with django_capture_on_commit_callbacks(execute=True):
        shown = ask_letter(client, contribution, "reject", text=REASON)

    html = unescape(unescape(shown.content.decode()))
    assert shown.status_code == 200
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.IN_REVIEW
    assert not mailoutbox
    assert REASON.replace("'", "\u2019") in html or REASON in html
    assert contribution.email in html
    assert "n'a pas été retenue" in html
    assert "On ne peut pas revenir en arrière" in html
    assert "brouillon « Hors sujet » est supprimé" in html.replace("\u00a0", " ")
    assert "1 fichier qui en venait" in html

    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("contribution:act", args=[contribution.pk, "reject"]), {"text": REASON})

    contribution.refresh_from_db()
    assert contribution.state == ContributionState.REJECTED
    assert not Document.objects.exists()
    assert REASON in mailoutbox[-1].body.replace("\u2019", "'")


def test_a_letter_is_shown_without_the_link_that_acts_for_the_partner(
    client: Client, reviewer: User
) -> None:
    contribution = ContributionFactory()
    client.force_login(reviewer)

    html = ask_letter(client, contribution, "message", text="Un mot").content.decode()

    assert "Un mot" in html
    assert not re.search(r"/contribuer/suivi/[\w:-]{8}", html)


def test_what_was_typed_stays_on_an_error_and_when_going_back(
    client: Client, reviewer: User
) -> None:
    contribution = ContributionFactory()
    client.force_login(reviewer)

    missing = ask_letter(client, contribution, "changes", text="  ")
    back = ask_letter(client, contribution, "changes", text="Quand ?", edit="1")
    too_long = ask_letter(client, contribution, "changes", text="Long " * 900)

    assert missing.status_code == 422
    assert "Écrivez un texte" in missing.content.decode()
    assert re.search(r"<textarea[^>]*>\s*Quand \?</textarea>", back.content.decode())
    assert too_long.status_code == 422
    assert "Long Long" in too_long.content.decode()


def test_what_was_typed_too_late_is_not_lost(client: Client, reviewer: User) -> None:
    contribution = ContributionFactory(state=ContributionState.WITHDRAWN)
    client.force_login(reviewer)

    asked = ask_letter(client, contribution, "reject", text=REASON)
    done = client.post(
        reverse("contribution:act", args=[contribution.pk, "reject"]), {"text": REASON}
    )

    assert (asked.status_code, done.status_code) == (409, 422)
    for answer in (asked, done):
        assert REASON in unescape(answer.content.decode())
        assert "ce n'est plus possible" in unescape(answer.content.decode()).replace("’", "'")


@pytest.mark.parametrize("state", [s for s in ContributionState if s != ContributionState.DRAFT])
def test_one_act_stands_out_in_each_state(
    client: Client, sections: None, reviewer: User, state: ContributionState
) -> None:
    expected = {
        ContributionState.RECEIVED: ["Préparer le brouillon et lancer la relecture"],
        ContributionState.IN_REVIEW: ["Ouvrir le brouillon"],
        ContributionState.CHANGES_REQUESTED: ["Voir la lettre avant de l'envoyer"],
        ContributionState.SCHEDULED: ["Ouvrir le brouillon"],
        ContributionState.PUBLISHED: ["Ouvrir le brouillon"],
    }
    contribution = ContributionFactory()
    if state in {
        ContributionState.IN_REVIEW,
        ContributionState.SCHEDULED,
        ContributionState.PUBLISHED,
    }:
        make_draft(contribution, reviewer)
        contribution.refresh_from_db()
    vars(contribution)["state"] = state
    contribution.save()
    client.force_login(reviewer)

    assert buttons(sheet(client, contribution)) == expected.get(state, [])


def test_a_request_to_join_is_accepted_by_its_letter(client: Client, reviewer: User) -> None:
    contribution = ContributionFactory(kind=ContributionKind.NETWORK)
    client.force_login(reviewer)

    html = sheet(client, contribution)
    letter = unescape(ask_letter(client, contribution, "accept", text="").content.decode())

    assert "Message au partenaire (facultatif)" in html
    assert "est acceptée. Bienvenue" in unescape(letter)


# Files


def test_a_file_that_no_antivirus_saw_is_not_called_safe(client: Client, reviewer: User) -> None:
    contribution = ContributionFactory()
    ContributionFileFactory(contribution=contribution, name="sans.pdf")
    client.force_login(reviewer)

    html = sheet(client, contribution)

    assert "Sans antivirus" in html
    assert "Aucun antivirus n’a analysé ce fichier" in html.replace("'", "’")
    assert "ni code, ni formulaire actif, ni pièce jointe" in html
    assert "Sain" not in html


def test_a_file_that_was_scanned_has_the_answer(client: Client, reviewer: User) -> None:
    contribution = ContributionFactory()
    ContributionFileFactory(contribution=contribution, scanned_at=timezone.now())
    ContributionFileFactory(
        contribution=contribution, state="refused", verdict="Eicar-Test", scanned_at=timezone.now()
    )
    client.force_login(reviewer)

    html = sheet(client, contribution)

    assert "rien trouvé, le" in html
    assert "Eicar-Test" in html
    assert "Sans antivirus" not in html


@pytest.mark.parametrize(
    "media_type,content,shown",
    [
        ("image/jpeg", None, b"\xff\xd8"),
        ("text/plain", "Un cœur".encode(), "Un cœur".encode()),
        ("text/csv", "pré;nom".encode("cp1252"), "pré;nom".encode()),
    ],
)
def test_a_clean_file_has_a_preview_in_which_nothing_runs(
    client: Client,
    reviewer: User,
    media_type: str,
    content: bytes | None,
    shown: bytes,
) -> None:
    stored = ContentFile(content or picture(), "received")
    file = ContributionFileFactory(media_type=media_type, file=stored)
    client.force_login(reviewer)
    address = reverse("contribution:preview", args=[file.contribution_id, file.uuid])

    assert address in sheet(client, file.contribution)
    answer = client.get(address)

    assert answer.content.startswith(shown)
    assert answer["Content-Type"].split(";")[0] in {"image/jpeg", "text/plain"}
    assert answer["Content-Security-Policy"].startswith("sandbox")
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in answer["Cache-Control"]


def test_a_pdf_has_its_first_words(client: Client, reviewer: User) -> None:
    file = ContributionFileFactory()
    client.force_login(reviewer)

    answer = client.get(reverse("contribution:preview", args=[file.contribution_id, file.uuid]))

    assert answer.status_code == 200
    assert answer.content.strip()


def test_what_is_not_clean_or_has_no_preview_shows_nothing(client: Client, reviewer: User) -> None:
    waiting = ContributionFileFactory(state="quarantined")
    office = ContributionFileFactory(media_type="application/vnd.oasis.opendocument.text")
    client.force_login(reviewer)

    for file in (waiting, office):
        address = reverse("contribution:preview", args=[file.contribution_id, file.uuid])
        assert client.get(address).status_code == 404
        assert address not in sheet(client, file.contribution)


def test_partners_have_no_access(client: Client, partner: User) -> None:
    file = ContributionFileFactory()
    pk = file.contribution_id
    client.force_login(partner)

    assert client.get(reverse("contribution:preview", args=[pk, file.uuid])).status_code == 403
    assert ask_letter(client, file.contribution, "reject", text="Non").status_code == 403


def test_the_sheet_costs_the_same_for_one_file_and_for_ten(
    client: Client, reviewer: User, count_queries: Callable[..., int]
) -> None:
    contribution = ContributionFactory()
    ContributionFileFactory(contribution=contribution)
    client.force_login(reviewer)
    sheet(client, contribution)
    few = count_queries(lambda: sheet(client, contribution))
    ContributionFileFactory.create_batch(9, contribution=contribution)

    assert count_queries(lambda: sheet(client, contribution)) <= few
