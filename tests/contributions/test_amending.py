"""What the team asks of a partner is seen at once, and amending loses nothing."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contributions import decisions, lifecycle
from contributions.drafts import make_draft
from contributions.forms import ContributionForm
from contributions.intake import submit_contribution
from contributions.kinds import FIELDS_BY_KIND, TAKES_FILES, ContributionKind
from contributions.models import Contribution, ContributionState, Message
from contributions.tokens import follow_up_token
from tests.factories.contributions import (
    ContributionFactory,
    ContributionFileFactory,
    form_data,
)
from tests.factories.files import text_pdf
from tests.factories.forms import fields_sent, form_opened_earlier

if TYPE_CHECKING:
    from django.test import Client

    from core.models import User

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

QUESTION = "Quel est le public ?\n\nEt l'adresse exacte ?"
AFTERNOON = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)
EVERYTHING: dict[str, str] = {
    "title": "Une journée « d'étude »",
    "text": "\nUne première ligne vide.\n\n  Des espaces, <b>du balisage</b> & le reste.",
    "date": "2026-12-01",
    "starts_at": "2026-12-01T14:00",
    "ends_at": "2026-12-01T17:30",
    "place": "Lille",
    "department": "2A",
    "organiser": "L'association",
    "audience": "Familles",
    "speaker": "Une personne, psychologue",
    "authors": "Autrices",
    "resource_type": "guide",
    "listed_type": "association",
    "is_confidential": "on",
    "street": "1, rue de l'Église",
    "postcode": "01000",
    "municipality": "L'Haÿ-les-Roses",
    "contact_phone": "+33 1 23 45 67 89",
    "contact_email": "contact@example.org",
    "link": "https://www.example.org/a?b=1&c=2",
}
"""An answer to every field that some kind asks for."""
SENDER = {
    "person_name": "Camille Martin",
    "email": "camille@example.org",
    "role": "volunteer",
    "structure_name": "L'association « Exemple »",
    "structure_type": "association",
}


def path(contribution: Contribution, what: str = "") -> str:
    return f"/contribuer/suivi/{follow_up_token(contribution)}/{what}"


def shown(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def top(html: str) -> str:
    """Return what stands above what was sent, as text."""
    main = BeautifulSoup(html, "html5lib").select_one("main")
    assert main is not None
    return " ".join(main.get_text(" ").partition("Ce que vous avez envoyé")[0].split())


def received(kind: ContributionKind, **values: Any) -> Contribution:
    """Return a contribution that its form received with an answer to every field."""
    names = [spec.name for spec in FIELDS_BY_KIND[kind]]
    data = (
        {name: EVERYTHING[name] for name in names}
        | SENDER
        | {"consent": "on", "consent_version": "2026-11"}
        | values
    )
    client_form = ContributionForm(kind, data, has_files=True)
    assert client_form.is_valid(), client_form.errors
    contribution = submit_contribution(
        client_form.submission(),
        ContributionFactory.build(kind=kind).session,
        Contribution.Origin.FORM,
    )
    if kind in TAKES_FILES:
        for name in ("guide.pdf", "annexe.pdf"):
            ContributionFileFactory(contribution=contribution, name=name)
    return contribution


def content_of_row(contribution: Contribution) -> dict[str, Any]:
    row = Contribution.objects.get(pk=contribution.pk)
    names = ("title", "text", "link", "answers", *SENDER, "consent_version")
    return {name: getattr(row, name) for name in names} | {
        "files": sorted(row.files.values_list("name", flat=True))
    }


def asked(reviewer: User, contribution: Contribution | None = None) -> Contribution:
    contribution = contribution or ContributionFactory()
    return decisions.request_changes(contribution, reviewer, QUESTION)


# What the team asked


def test_the_follow_up_opens_with_what_the_team_asked(client: Client, reviewer: User) -> None:
    with time_machine.travel(AFTERNOON, tick=False):
        contribution = asked(reviewer)
        html = shown(client, path(contribution))

    assert "L'équipe vous demande des modifications" in top(html)
    assert "Quel est le public ? Et l'adresse exacte ?" in top(html)
    assert "Écrit le 1er septembre 2026 à 14 h" in top(html)
    link = BeautifulSoup(html, "html5lib").select_one(".asked .button")
    assert link is not None
    assert str(link["href"]).endswith("/modifier/")
    assert client.get(str(link["href"])).status_code == 200
    heading = BeautifulSoup(html, "html5lib").select_one(".asked h2")
    assert heading is not None


def test_a_question_of_the_team_is_at_the_top_until_it_is_answered(
    client: Client, reviewer: User
) -> None:
    contribution = ContributionFactory()
    lifecycle.add_message(contribution, QUESTION, Message.Author.TEAM, reviewer)
    lifecycle.add_message(contribution, "Une note", Message.Author.NOTE, reviewer)

    before = top(shown(client, path(contribution)))
    client.post(path(contribution), {"text": "Les familles."})
    after = top(shown(client, path(contribution)))

    assert "L'équipe vous a écrit" in before
    assert "Quel est le public" in before
    assert "Une note" not in before
    assert "Répondre" in before
    assert "Quel est le public" not in after


def test_modifications_are_asked_until_they_are_made(client: Client, reviewer: User) -> None:
    contribution = asked(reviewer)

    client.post(path(contribution), {"text": "Je m'en occupe demain."})
    answered = top(shown(client, path(contribution)))
    data = fields_sent(shown(client, path(contribution, "modifier/")))
    response = client.post(
        path(contribution, "modifier/"), {**data, "started": form_opened_earlier()}
    )
    amended = top(shown(client, path(contribution)))

    assert "Quel est le public" in answered
    assert response.status_code == 302
    assert "Quel est le public" not in amended


def test_what_was_asked_before_is_not_asked_again(client: Client, reviewer: User) -> None:
    contribution = ContributionFactory()
    with time_machine.travel(AFTERNOON, tick=False):
        lifecycle.add_message(contribution, "Ancienne question", Message.Author.TEAM, reviewer)
    with time_machine.travel(AFTERNOON + dt.timedelta(days=1), tick=False):
        contribution = asked(reviewer, contribution)

    html = top(shown(client, path(contribution)))

    assert "Ancienne question" not in html
    assert "Quel est le public" in html


def test_a_refusal_opens_with_its_reason(client: Client, reviewer: User) -> None:
    contribution = decisions.reject(ContributionFactory(), reviewer, "Hors sujet.")

    html = top(shown(client, path(contribution)))

    assert "Elle n'a pas été retenue." in html
    assert "Hors sujet." in html
    assert "Modifier" not in html


def test_nothing_is_asked_where_nothing_is(client: Client) -> None:
    html = shown(client, path(ContributionFactory()))

    assert BeautifulSoup(html, "html5lib").select_one(".asked") is None


def test_the_form_shows_what_was_asked(client: Client, reviewer: User) -> None:
    contribution = asked(reviewer)

    html = top(shown(client, path(contribution, "modifier/")))

    assert "L'équipe vous demande des modifications" in html
    assert "Et l'adresse exacte ?" in html


@pytest.mark.parametrize(
    "prefix, words", [("/en", "The team asks you for changes"), ("/ar", "يطلب منكم الفريق تعديلات")]
)
def test_it_is_in_the_language_of_the_reader(
    client: Client, reviewer: User, prefix: str, words: str
) -> None:
    contribution = asked(reviewer)

    for what in ("", "modifier/"):
        assert words in shown(client, prefix + path(contribution, what))


def test_a_request_that_comes_too_late_loses_nothing(
    client: Client, reviewer: User, sections: None
) -> None:
    contribution = received(ContributionKind.NEWS)
    address = path(contribution, "modifier/")
    sent = fields_sent(shown(client, address)) | {"message": ["Un mot"]}
    make_draft(contribution, reviewer)

    response = client.post(
        address, {**sent, "text": "Tout autre chose", "started": form_opened_earlier()}
    )

    html = response.content.decode()
    assert response.status_code == 409
    assert "ne sont pas enregistrées" in html
    assert "Tout autre chose" in html
    assert "Un mot" in html
    assert '/#answer"' in html
    assert "Envoyer les modifications" not in html


# Dates


def test_dates_are_as_people_write_them(client: Client, coordinator: User) -> None:
    contribution = received(ContributionKind.TRAINING)
    client.force_login(coordinator)

    for address in (path(contribution), f"/admin/contributions/{contribution.pk}/"):
        html = shown(client, address)
        assert "1er décembre 2026 à 14\u00a0h" in html
        assert "1er décembre 2026 à 17\u00a0h\u00a030" in html
        assert "2026-12-01" not in html.replace('datetime="2026-12-01', "")


def test_a_day_alone_is_too(client: Client) -> None:
    html = shown(client, path(received(ContributionKind.NEWS)))

    assert "1er décembre 2026" in html
    assert "2026-12-01" not in html


# Nothing is lost


@pytest.mark.parametrize("kind", ContributionKind)
def test_a_form_that_is_opened_and_sent_again_changes_nothing(
    client: Client, kind: ContributionKind
) -> None:
    contribution = received(kind)
    before = content_of_row(contribution)

    sent = fields_sent(shown(client, path(contribution, "modifier/")))
    response = client.post(
        path(contribution, "modifier/"), {**sent, "started": form_opened_earlier()}
    )

    assert response.status_code == 302, fields_sent(response.content.decode())
    assert content_of_row(contribution) == before


@pytest.mark.parametrize("kind", ContributionKind)
def test_an_error_loses_nothing_of_what_was_typed_and_ticked(
    client: Client, kind: ContributionKind
) -> None:
    contribution = received(kind)
    address = path(contribution, "modifier/")
    sent = fields_sent(shown(client, address))
    typed = {**sent, "text": ["Tout autre chose"], "message": ["Un mot\n\npour l'équipe"]}
    if kind in TAKES_FILES:
        removed = contribution.files.get(name="annexe.pdf")
        typed["remove"] = [str(removed.uuid)]

    wrong = {**typed, "email": ["pas une adresse"], "started": form_opened_earlier()}
    new_file = {"files": SimpleUploadedFile("nouveau.pdf", text_pdf().read())}
    response = client.post(address, wrong | (new_file if kind in TAKES_FILES else {}))
    shown_again = fields_sent(response.content.decode())

    assert response.status_code == 422
    varying = {"started", "session"}
    assert {name: value for name, value in shown_again.items() if name not in varying} == {
        name: value
        for name, value in {**typed, "email": ["pas une adresse"]}.items()
        if name not in varying
    }
    if kind in TAKES_FILES:
        assert "nouveau.pdf" in response.content.decode()


def test_what_was_kept_after_an_error_is_what_is_sent(client: Client) -> None:
    contribution = received(ContributionKind.RESOURCE)
    address = path(contribution, "modifier/")
    sent = fields_sent(shown(client, address))
    removed = str(contribution.files.get(name="annexe.pdf").uuid)
    wrong = {
        **sent,
        "title": [""],
        "remove": [removed],
        "message": ["Voilà"],
        "started": form_opened_earlier(),
        "files": SimpleUploadedFile("nouveau.pdf", text_pdf().read()),
    }

    again = fields_sent(client.post(address, wrong).content.decode())
    again |= {"title": ["Un titre"], "started": [form_opened_earlier()]}
    response = client.post(address, again)

    assert response.status_code == 302
    assert content_of_row(contribution)["title"] == "Un titre"
    assert content_of_row(contribution)["files"] == ["guide.pdf", "nouveau.pdf"]
    assert contribution.messages.get().text == "Voilà"


def test_a_consent_to_an_older_text_is_asked_for_again(client: Client) -> None:
    contribution = received(ContributionKind.NEWS)
    Contribution.objects.filter(pk=contribution.pk).update(consent_version="2001-01")

    sent = fields_sent(shown(client, path(contribution, "modifier/")))

    assert "consent" not in sent


# Partners with an account


def test_an_account_sees_what_the_team_asked(client: Client, partner: User, reviewer: User) -> None:
    contribution = asked(reviewer, ContributionFactory(account=partner))
    client.force_login(partner)

    for address in (
        reverse("contributions_mine"),
        reverse("contributions_write_own", args=[contribution.pk]),
    ):
        assert "L&#x27;équipe vous demande des modifications" in shown(client, address)
    assert "Quel est le public" in shown(client, address)


def test_an_account_loses_nothing_by_an_error(client: Client, partner: User) -> None:
    client.force_login(partner)
    address = reverse("contributions_write_new", args=["actualite"])
    sent = fields_sent(shown(client, address), "main form[method=post]")
    typed = {**sent, **form_data(), "title": [""], "send": ["1"]}
    upload = SimpleUploadedFile("guide.pdf", text_pdf().read())

    answer = client.post(address, {**typed, "files": upload})
    again = fields_sent(answer.content.decode(), "main form[method=post]")
    client.post(address, {**again, "title": ["Un titre"], "send": ["1"]})

    assert answer.status_code == 422
    assert again["text"] == [form_data()["text"]]
    assert again["consent"] == ["on"]
    contribution = Contribution.objects.get()
    assert contribution.state == ContributionState.RECEIVED
    assert [file.name for file in contribution.files.all()] == ["guide.pdf"]


def test_a_file_that_is_refused_keeps_an_account_from_sending(
    client: Client, partner: User
) -> None:
    client.force_login(partner)
    address = reverse("contributions_write_new", args=["actualite"])
    program = SimpleUploadedFile("programme.pdf", b"MZ\x90\x00" + b"\x00" * 300)

    answer = client.post(address, {**form_data(send="1"), "files": program})

    assert answer.status_code == 422
    assert "ce fichier est un programme" in answer.content.decode()
    assert not Contribution.objects.exists()


def test_a_draft_keeps_what_was_ticked_and_forgets_what_was_not(
    client: Client, partner: User
) -> None:
    client.force_login(partner)
    client.post(
        reverse("contributions_write_new", args=["actualite"]),
        {"title": "À finir", "consent": "on", "consent_version": "2026-11"},
    )
    address = reverse("contributions_write_own", args=[Contribution.objects.get().pk])
    ticked = fields_sent(shown(client, address), "main form[method=post]")
    client.post(address, {"title": "À finir"})

    unticked = fields_sent(shown(client, address), "main form[method=post]")

    assert ticked["consent"] == ["on"]
    assert "consent" not in unticked


def test_an_account_that_comes_too_late_loses_nothing(
    client: Client, partner: User, reviewer: User, sections: None
) -> None:
    contribution = ContributionFactory(account=partner)
    client.force_login(partner)
    address = reverse("contributions_write_own", args=[contribution.pk])
    make_draft(contribution, reviewer)

    answer = client.post(address, form_data(text="Tout autre chose", send="1"))

    assert answer.status_code == 409
    assert "Tout autre chose" in answer.content.decode()
    assert "pris cette contribution en main" in answer.content.decode()
    assert client.get(address).status_code == 302
