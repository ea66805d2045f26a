"""What a partner receives at each step, as real accounts act in the administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags
from wagtail.models import Page

from contributions.kinds import ContributionKind
from contributions.models import Contribution, ContributionState
from contributions.tokens import follow_up_token
from tests.factories.contributions import form_data, member, ticks
from tests.factories.forms import fields_sent, form_opened_earlier

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

# What it asks of the database, other tests ask of both engines.
pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

PARTNER = "camille@example.org"
TITLE = "Une journée d'étude"


class Team:
    """The accounts of the team, and the last e-mail that the partner got."""

    def __init__(self, commit: Callable[[], Any], outbox: list[Any]) -> None:
        self.commit, self.outbox = commit, outbox
        self.clients: dict[str, Client] = {}

    def post(self, group: str, address: str, data: dict[str, Any]) -> Any:
        if group not in self.clients:
            self.clients[group] = Client()
            self.clients[group].force_login(member(group))
        with self.commit():
            response = self.clients[group].post(address, data, follow=True)
        assert response.status_code == 200, address
        return response

    def decide(self, group: str, action: str, **data: str) -> None:
        own = reverse("contribution:act", args=[self.contribution.pk, action])
        self.post(group, own, data)

    def review(self, group: str, action: str, comment: str = "") -> None:
        """Approve a step in the editor's own dialog, or ask for changes."""
        page = Page.objects.get(pk=self.contribution.draft_id).specific
        state = page.current_workflow_task_state
        dialog = reverse("wagtailadmin_pages:workflow_action", args=[page.pk, action, state.pk])
        points = dict.fromkeys(ticks(), "on") if action == "approve" else {}
        self.post(group, dialog, {**points, "comment": comment})

    @property
    def contribution(self) -> Contribution:
        return Contribution.objects.get()

    @property
    def mail(self) -> Any:
        return [mail for mail in self.outbox if mail.to == [PARTNER]][-1]

    @property
    def words(self) -> str:
        return f"{self.mail.subject}\n{self.mail.body}".replace("\u00a0", " ")


@pytest.fixture
def team(
    sections: None,
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> Team:
    team = Team(lambda: django_capture_on_commit_callbacks(execute=True), mailoutbox)
    with team.commit():
        Client().post(
            f"/contribuer/{ContributionKind.NEWS.slug}/",
            form_data(started=form_opened_earlier()),
        )
    return team


def follow_up(contribution: Contribution, what: str = "") -> str:
    return f"/contribuer/suivi/{follow_up_token(contribution)}/{what}"


def test_a_partner_knows_of_each_step_to_the_address_of_the_page(team: Team) -> None:
    assert "Nous avons bien reçu votre contribution" in team.words

    team.decide("Coordination", "changes", text="Quel est le public ?")
    assert "des modifications demandées" in team.words
    assert "Quel est le public ?" in team.words

    address = follow_up(team.contribution, "modifier/")
    sent = fields_sent(Client().get(address).content.decode())
    with team.commit():
        Client().post(address, {**sent, "started": form_opened_earlier()})
    assert "vos modifications" in team.words

    team.decide("Coordination", "draft")
    assert "est en relecture" in team.words

    team.review("Relecture", "approve", "Très clair, merci.")
    team.review("Direction", "approve", "Nous la mettrons en avant.")
    page = Page.objects.get(pk=team.contribution.draft_id)
    assert "est en ligne" in team.words
    assert page.full_url in team.words
    assert "Très clair, merci." in team.words
    assert "Nous la mettrons en avant." in team.words
    assert Client().get(page.url).status_code == 200


def test_the_comments_of_reviewers_are_in_both_parts_and_on_the_follow_up(team: Team) -> None:
    team.decide("Coordination", "draft")
    team.review("Relecture", "approve", "Très <b>clair</b>.")
    team.review("Direction", "approve")

    html = next(part for part, kind in team.mail.alternatives if kind == "text/html")
    shown = Client().get(follow_up(team.contribution)).content.decode()

    assert "Le mot de l'équipe" in strip_tags(html).replace("&#x27;", "'")
    for words in (html, shown):
        assert "Très &lt;b&gt;clair&lt;/b&gt;." in words


def test_without_a_comment_there_is_no_word_of_the_team(team: Team) -> None:
    team.decide("Coordination", "draft")
    team.review("Relecture", "approve")
    team.review("Direction", "approve")

    assert "est en ligne" in team.words
    assert "Le mot de l'équipe" not in team.words
    assert not team.contribution.messages.exists()


@pytest.mark.parametrize("approved_before", [False, True])
def test_a_reviewer_who_asks_for_changes_asks_the_partner(
    team: Team, approved_before: bool
) -> None:
    team.decide("Coordination", "draft")
    if approved_before:
        team.review("Relecture", "approve", "Bien.")

    team.review("Direction", "reject", "Le titre est trop long.")

    assert team.contribution.state == ContributionState.CHANGES_REQUESTED
    assert "des modifications demandées" in team.words
    assert "Le titre est trop long." in team.words
    assert "Bien." not in team.words
    shown = Client().get(follow_up(team.contribution)).content.decode()
    assert "Le titre est trop long." in shown
    assert Client().get(follow_up(team.contribution, "modifier/")).status_code == 200


def test_the_team_may_make_the_changes_itself_and_submit_again(team: Team) -> None:
    team.decide("Coordination", "draft")
    team.review("Direction", "reject", "Le titre est trop long.")
    page = Page.objects.get(pk=team.contribution.draft_id)
    editor = reverse("wagtailadmin_pages:edit", args=[page.pk])
    html = team.clients["Coordination"].get(editor).content.decode()
    sent = fields_sent(html, "form#page-edit-form") | {"body-count": ["0"]}

    name = "action-restart-workflow" if "action-restart-workflow" in html else "action-submit"
    team.post("Coordination", editor, {**sent, "title": "Court", name: "1"})

    assert team.contribution.state == ContributionState.IN_REVIEW
    assert "est en relecture" in team.words
    team.review("Relecture", "approve")
    team.review("Direction", "approve")
    assert "est en ligne" in team.words


def test_a_refusal_has_its_reason_and_who_amends_it_begins_again(team: Team) -> None:
    team.decide("Coordination", "draft")

    team.decide("Relecture", "reject", text="Hors sujet.")

    assert "n'a pas été retenue" in team.words
    assert "Hors sujet." in team.words
    assert "Hors sujet." in Client().get(follow_up(team.contribution)).content.decode()


def test_what_is_scheduled_is_announced_with_its_day_and_once_with_its_comments(
    team: Team,
) -> None:
    team.decide("Coordination", "draft")
    page: Any = Page.objects.get(pk=team.contribution.draft_id).specific
    page = page.get_latest_revision_as_object()
    page.go_live_at = "2036-12-01T13:00:00Z"
    page.save_revision()

    team.review("Relecture", "approve", "Bien.")
    team.review("Direction", "approve")

    assert team.contribution.state == ContributionState.SCHEDULED
    assert "Elle sera en ligne le 1er décembre 2036 à 14 h." in team.words
    assert "Bien." in team.words
    shown = Client().get(follow_up(team.contribution)).content.decode()
    assert "Elle sera mise en ligne le 1er décembre 2036 à 14" in shown
