"""The inbox leads to each contribution, and shows who is awaited."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from contributions.drafts import make_draft
from contributions.kinds import ContributionKind
from contributions.lifecycle import transition
from contributions.models import Contribution, ContributionState
from contributions.next_steps import describe_next_step
from tests.factories.contributions import ContributionFactory, member, ticks

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from core.models import User

pytestmark = pytest.mark.django_db

INDEX = "contribution:index"
NBSP = "\u00a0"


def rows(client: Client) -> dict[str, list[str]]:
    """Return the cells of each row of the inbox, by the title in its link."""
    table = client.get(reverse(INDEX)).content.decode().partition('<table class="listing')[2]
    found = {}
    for row in table.split("<tr")[1:]:
        # After that of the checkbox.
        _chosen, *cells = re.findall(r"<td[^>]*>(.*?)</td>", row, flags=re.S) or [""]
        words = [" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in cells]
        if words:
            found[words[0]] = words
    return found


def in_review(reviewer: User, **values: Any) -> Contribution:
    contribution = ContributionFactory(**values)
    make_draft(contribution, reviewer)
    contribution.refresh_from_db()
    return contribution


@pytest.mark.parametrize("group", ["Direction", "Coordination", "Relecture"])
def test_each_title_leads_to_its_contribution(client: Client, group: str) -> None:
    contribution = ContributionFactory(title="Une journée d'étude")
    client.force_login(member(group))

    page = client.get(reverse(INDEX)).content.decode()

    address = reverse("contribution:inspect", args=[contribution.pk])
    link = re.search(rf'<a[^>]*href="{address}"[^>]*>(.*?)</a>', page, flags=re.S)
    assert link
    assert unescape(re.sub(r"<[^>]+>", "", link[1])).strip() == "Une journée d'étude"
    assert client.get(address).status_code == 200


def test_each_row_shows_who_is_awaited(
    client: Client, coordinator: User, reviewer: User, sections: None
) -> None:
    ContributionFactory(title="À personne")
    ContributionFactory(title="À quelqu'un", assignee=reviewer)
    in_review(reviewer, title="En relecture")
    asked = ContributionFactory(title="Au partenaire")
    transition(asked, ContributionState.CHANGES_REQUESTED, user=coordinator)
    refused = ContributionFactory(title="Close")
    transition(refused, ContributionState.REJECTED, user=coordinator)
    client.force_login(coordinator)

    waiting = {title: cells[3] for title, cells in rows(client).items()}

    assert waiting == {
        "À personne": "L'équipe, personne ne la suit",
        "À quelqu'un": "Rel Ectrice",
        "En relecture": "Relecture éditoriale (Coordination, Direction, Relecture)",
        "Au partenaire": "Le partenaire",
        "Close": "",
    }


def test_a_scheduled_one_waits_for_its_day(
    reviewer: User, coordinator: User, sections: None
) -> None:
    contribution = in_review(reviewer)
    draft: Any = contribution.live_draft()
    draft.go_live_at = dt.datetime(2036, 12, 1, 13, tzinfo=dt.UTC)
    draft.save_revision()
    for person in (reviewer, coordinator):
        state = type(draft).objects.get(pk=draft.pk).current_workflow_task_state
        state.specific.approve(user=person, **ticks())
    contribution.refresh_from_db()

    assert contribution.state == ContributionState.SCHEDULED
    assert describe_next_step(contribution) == f"1er décembre 2036 à 14{NBSP}h"


def test_a_review_that_somebody_stopped_waits_for_the_team(reviewer: User, sections: None) -> None:
    contribution = in_review(reviewer)
    draft: Any = contribution.live_draft()
    draft.current_workflow_state.cancel(user=reviewer)

    assert describe_next_step(contribution) == "L'équipe, relecture arrêtée"


def test_it_costs_the_same_for_two_and_for_twenty_in_review(
    client: Client, coordinator: User, sections: None, count_queries: Callable[..., int]
) -> None:
    kinds = (ContributionKind.NEWS, ContributionKind.RESOURCE)
    client.force_login(coordinator)

    def add(count: int) -> None:
        for number in range(count):
            in_review(coordinator, kind=kinds[number % 2])

    add(2)
    client.get(reverse(INDEX))
    few = count_queries(lambda: client.get(reverse(INDEX)))
    add(6)

    assert count_queries(lambda: client.get(reverse(INDEX))) <= few


def test_the_contribution_itself_shows_who_is_awaited(
    client: Client, coordinator: User, sections: None
) -> None:
    contribution = in_review(coordinator)
    client.force_login(coordinator)

    page = client.get(reverse("contribution:inspect", args=[contribution.pk])).content.decode()

    assert "Relecture éditoriale (Coordination, Direction, Relecture)" in page
