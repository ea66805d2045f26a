"""Several contributions at once: the rules of one by one, and nothing in silence."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from django.core import mail
from django.urls import reverse
from wagtail.admin.views.bulk_action.registry import bulk_action_registry

from contributions.drafts import make_draft
from contributions.kinds import ContributionKind
from contributions.models import Contribution, ContributionState
from core.models import User
from resources.models import NewsPage
from tests.factories.contributions import ContributionFactory, member

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

pytestmark = pytest.mark.django_db

INDEX = "contribution:index"
ACTIONS = ("assign", "accept", "reject")
NETWORK = ContributionKind.NETWORK


def bulk(action: str, *chosen: Contribution) -> str:
    query = [*(("id", each.pk) for each in chosen), ("next", reverse(INDEX))]
    address = reverse("wagtail_bulk_action", args=["contributions", "contribution", action])
    return f"{address}?{urlencode(query)}"


def text_of(response: Any) -> str:
    """Return a screen as it is read, with the letter that it frames."""
    text = unescape(unescape(response.content.decode())).replace("\u00a0", " ")
    return " ".join(text.replace("\u202f", " ").split())


def states(*chosen: Contribution) -> list[str]:
    return [Contribution.objects.get(pk=each.pk).state for each in chosen]


@pytest.mark.parametrize("group", ["Direction", "Coordination", "Relecture"])
def test_the_inbox_offers_what_may_be_done_with_several(client: Client, group: str) -> None:
    ContributionFactory()
    client.force_login(member(group))

    html = client.get(reverse(INDEX)).content.decode()

    assert [action for action in ACTIONS if bulk(action).partition("?")[0] in html] == [*ACTIONS]
    assert "data-bulk-action-checkbox" in html


def test_no_bulk_action_approves_or_prepares_anything() -> None:
    offered = bulk_action_registry.get_bulk_actions_for_model("contributions", "contribution")

    assert {action.action_type for action in offered} == set(ACTIONS)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_partner_acts_on_none_and_reads_no_title(client: Client, action: str) -> None:
    contribution = ContributionFactory(title="Un titre secret", kind=NETWORK)
    client.force_login(member("Partenaires"))

    for answer in (
        client.get(bulk(action, contribution)),
        client.post(bulk(action, contribution), {"text": "Non", "confirmed": "1"}),
    ):
        assert answer.status_code in {302, 403}
        assert "secret" not in text_of(answer)
    assert states(contribution) == [ContributionState.RECEIVED]


@pytest.mark.parametrize("action", ACTIONS)
def test_a_draft_is_its_partners_alone(client: Client, coordinator: User, action: str) -> None:
    draft = ContributionFactory(state=ContributionState.DRAFT, kind=NETWORK)
    client.force_login(coordinator)

    assert client.get(bulk(action, draft)).status_code == 404
    assert client.post(bulk(action, draft), {"text": "Non", "confirmed": "1"}).status_code == 404


@pytest.mark.parametrize("screen", ["sheet", "list", "bulk act"])
def test_colleagues_are_offered_by_their_names(
    client: Client, coordinator: User, screen: str
) -> None:
    User.objects.filter(pk=coordinator.pk).update(first_name="Ève", last_name="Aubry")
    contribution = ContributionFactory()
    client.force_login(coordinator)
    address = {
        "sheet": reverse("contribution:inspect", args=[contribution.pk]),
        "list": reverse("contribution:index"),
        "bulk act": bulk("assign", contribution),
    }[screen]

    shown = " ".join(client.get(address).content.decode().split())

    offered = re.findall(rf'<(?:option|input)[^>]*value="{coordinator.pk}"[^>]*>([^<]*)', shown)
    assert "Ève Aubry" in {label.strip() for label in offered}
    assert coordinator.username not in {label.strip() for label in offered}


def test_she_takes_on_what_she_chose(client: Client, coordinator: User) -> None:
    chosen = ContributionFactory.create_batch(2)
    client.force_login(coordinator)

    shown = client.get(bulk("assign", *chosen)).content.decode()
    assert f'<option value="{coordinator.pk}" selected>' in shown
    answer = client.post(bulk("assign", *chosen), {"assignee": coordinator.pk}, follow=True)

    assert {each.assignee for each in Contribution.objects.all()} == {coordinator}
    assert f"2 contributions suivies par {coordinator.display_name}." in text_of(answer)


def test_one_reason_refuses_several_once_its_letter_was_shown(
    client: Client,
    coordinator: User,
    sections: None,
    django_capture_on_commit_callbacks: Any,
) -> None:
    received = ContributionFactory(title="Hors sujet")
    drafted = ContributionFactory(title="En relecture")
    make_draft(drafted, coordinator)
    mail.outbox.clear()
    accepted = ContributionFactory(title="Déjà close", kind=NETWORK, state="accepted")
    client.force_login(coordinator)
    address = bulk("reject", received, drafted, accepted)
    reason = {"text": "Le site ne traite pas de ce sujet."}

    assert "Voir la lettre avant de l'envoyer" in text_of(client.get(address))
    assert "Écrivez un texte" in text_of(client.post(address, {"text": " "}))
    with django_capture_on_commit_callbacks(execute=True):
        shown = text_of(client.post(address, reason))
    assert "2 contributions sont refusées et closes" in shown
    assert "Le brouillon « En relecture » est supprimé" in shown
    assert "On ne peut pas revenir en arrière" in shown
    assert reason["text"] in shown
    assert "Déjà close — Cette contribution est à l'état « Acceptée »" in shown
    assert not mail.outbox
    assert states(received) == [ContributionState.RECEIVED]
    assert reason["text"] in text_of(client.post(address, reason | {"edit": "1"}))
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(address, reason | {"confirmed": "1"}, follow=True)

    assert states(received, drafted, accepted) == ["rejected", "rejected", "accepted"]
    assert not NewsPage.objects.filter(title="En relecture").exists()
    assert "2 contributions refusées" in text_of(done)
    assert "« Déjà close » : Cette contribution est à l'état « Acceptée »" in text_of(done)
    assert {message.to[0] for message in mail.outbox} >= {received.email, drafted.email}
    assert accepted.email not in {message.to[0] for message in mail.outbox}


def test_requests_of_the_network_are_accepted_and_nothing_else(
    client: Client, coordinator: User
) -> None:
    first, second = ContributionFactory.create_batch(2, kind=NETWORK, email="")
    news = ContributionFactory(title="Une actualité")
    client.force_login(coordinator)

    shown = text_of(client.post(bulk("accept", first, second, news), {"text": ""}))
    answer = client.post(
        bulk("accept", first, second, news), {"text": "", "confirmed": "1"}, follow=True
    )

    assert "Une actualité — elle devient un brouillon" in shown
    assert "Les adresses de 2 partenaires ont été effacées" in shown
    assert states(first, second, news) == ["accepted", "accepted", "received"]
    assert "« Une actualité » : elle devient un brouillon" in text_of(answer)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_screen_costs_the_same_for_two_and_for_eight(
    client: Client,
    coordinator: User,
    sections: None,
    action: str,
    count_queries: Callable[..., int],
) -> None:
    chosen = ContributionFactory.create_batch(8, kind=NETWORK if action == "accept" else "news")
    if action == "reject":
        for each in chosen:
            make_draft(each, coordinator)
    client.force_login(coordinator)

    show(client, action, chosen)
    few = count_queries(lambda: show(client, action, chosen[:2]))

    assert count_queries(lambda: show(client, action, chosen)) <= few


def show(client: Client, action: str, chosen: list[Contribution]) -> Any:
    """Show the last step before something is done."""
    if action == "assign":
        return client.get(bulk(action, *chosen))
    return client.post(bulk(action, *chosen), {"text": "Non"})
