"""The letters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import html5lib
import pytest
from django.conf import settings

from contributions.emails import EMAILS, send_contribution_email
from contributions.lifecycle import transition
from contributions.models import Contribution, ContributionState
from tests.factories.contributions import ContributionFactory, form_data

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from core.models import User

pytestmark = pytest.mark.django_db

NARROW = ("« ", " »", " :", " ?", " !", " ;")


@pytest.mark.parametrize("letter", EMAILS)
def test_each_email_has_the_same_words_as_text_and_as_html(
    letter: str, coordinator: User, mailoutbox: list[Any]
) -> None:
    contribution = ContributionFactory(title="Un titre & plus")

    send_contribution_email(contribution, letter, "Un message <b>\nsur deux lignes")

    [mail] = mailoutbox
    expected = coordinator.email if letter.startswith("team") else contribution.email
    assert mail.to == [expected]
    assert contribution.reference in mail.subject
    html, kind = mail.alternatives[0]
    assert kind == "text/html"
    html5lib.HTMLParser(strict=True).parse(html)
    assert "<b>" not in html
    assert "titre &amp; plus" in html or "titre & plus" not in mail.body
    for part in (mail.subject, mail.body):
        assert not [sign for sign in NARROW if sign in part], part
    where = "/admin/contributions/" if letter.startswith("team") else "/contribuer/suivi/"
    assert where in mail.body
    assert where in html


def test_no_letter_carries_a_header_that_someone_typed(mailoutbox: list[Any]) -> None:
    contribution = ContributionFactory(title="Titre\nBcc: x@example.org")

    send_contribution_email(contribution, "received")

    assert "\n" not in mailoutbox[0].subject


@pytest.mark.parametrize(
    "state",
    [
        s
        for s in ContributionState
        if s
        not in {ContributionState.DRAFT, ContributionState.RECEIVED, ContributionState.PUBLISHED}
    ],
)
def test_the_partner_is_told_at_each_step(
    state: ContributionState,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    before = (
        ContributionState.IN_REVIEW
        if state not in {ContributionState.ACCEPTED}
        else ContributionState.RECEIVED
    )
    contribution = ContributionFactory(state=before)

    with django_capture_on_commit_callbacks(execute=True):
        transition(contribution, state, message="Voici")

    assert len(mailoutbox) == 1
    assert mailoutbox[0].to == [contribution.email]


def test_its_reviewer_is_notified_or_all_of_them_where_it_has_none(
    coordinator: User, director: User, mailoutbox: list[Any]
) -> None:
    send_contribution_email(ContributionFactory(assignee=director), "team_message", "Bonjour")
    send_contribution_email(ContributionFactory(), "team_message", "Bonjour")

    assert [mail.to[0] for mail in mailoutbox] == [
        director.email,
        *sorted([coordinator.email, director.email]),
    ]


def test_every_letter_has_its_template() -> None:
    folder = Path(settings.SITE_DIR) / "templates" / "emails" / "contributions"

    found = {path.stem for path in folder.glob("*.txt")}

    assert found == {*EMAILS, "to_partner", "to_team"}


def test_an_erased_sender_gets_nothing(
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    contribution = ContributionFactory(email="")

    with django_capture_on_commit_callbacks(execute=True):
        transition(contribution, ContributionState.IN_REVIEW)

    assert mailoutbox == []
    assert Contribution.objects.get().state == ContributionState.IN_REVIEW


def test_a_partner_who_writes_in_english_is_answered_in_english(
    coordinator: User,
    client: Client,
    started: dict[str, Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    mailoutbox: list[Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        sent = client.post("/en/contribuer/actualite/", form_data() | started)

    assert sent.status_code == 302
    contribution = Contribution.objects.get()
    assert contribution.language == "en"
    by_address = {mail.to[0]: mail for mail in mailoutbox}
    theirs, ours = by_address[contribution.email], by_address[coordinator.email]
    assert theirs.subject.startswith("We have received your contribution")
    assert "/en/contribuer/suivi/" in theirs.body
    assert '<html lang="en"' in theirs.alternatives[0].content
    assert ours.subject.startswith("Une contribution à relire")
