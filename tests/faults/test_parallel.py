"""Many people at the same moment: each gets what is theirs, and nobody an error."""

from __future__ import annotations

import threading
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from wagtail.models import TaskState

from contributions.drafts import make_draft
from events.models import Registration, Session, TrainingPage
from newsletter.models import Subscriber
from published.models import LedgerEntry
from resources.models import NewsPage
from tests.factories.contributions import ContributionFactory, member
from tests.factories.events import TrainingPageFactory, training_date
from tests.faults.accounts import Account
from tests.faults.ledger import settle
from tests.faults.traffic import Visitors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.faults.conftest import Measured
    from tests.faults.stack import Stack

pytestmark = [pytest.mark.postgres, pytest.mark.faults, pytest.mark.long_faults]
PEOPLE, SEATS, PARTNERS, DRAFTS = 50, 12, 20, 25
FOUND = 302
State = Registration.State


def at_once(acts: Sequence[Callable[[], object]]) -> float:
    """Do acts at the same moment; return how many seconds they took together."""
    barrier = threading.Barrier(len(acts) + 1)

    def run(act: Callable[[], object]) -> None:
        barrier.wait()
        act()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    barrier.wait()
    started = time.monotonic()
    for thread in threads:
        thread.join()
    return time.monotonic() - started


def test_fifty_ask_for_twelve_seats(stack: Stack, visitors: Visitors, measured: Measured) -> None:
    page: TrainingPage = TrainingPageFactory(dates=[training_date(capacity=SEATS)])
    visitors.training = page.pk
    seconds = at_once([visitors.register] * PEOPLE)
    measured.note(asked=f"{seconds:.1f} s")
    settle()
    people = [*visitors.acts.registered]

    links = [
        next(link for letter in stack.sink.to(email) for link in letter.links("/confirmer/"))
        for email in people
    ]
    seconds = at_once([lambda link=link: visitors._post("confirm", link, {}) for link in links])
    measured.note(confirmed=f"{seconds:.1f} s")

    assert len(people) == PEOPLE
    assert visitors.failures() == []
    [session] = Session.objects.filter(page=page)
    states = Counter(session.registrations.values_list("state", flat=True))
    assert states == {State.CONFIRMED: SEATS, State.WAITING: PEOPLE - SEATS}
    measured.note(states=dict(states))


def test_fifty_confirm_the_newsletter(stack: Stack, visitors: Visitors, measured: Measured) -> None:
    seconds = at_once([visitors.subscribe] * PEOPLE)
    measured.note(asked=f"{seconds:.1f} s")
    settle()
    people = list(visitors.acts.subscribed)

    # Each of them twice, as by two clicks.
    acts = [lambda email=email: visitors.confirm(email) for email in people]
    seconds = at_once(acts + acts)
    measured.note(confirmed=f"{seconds:.1f} s")

    assert visitors.failures() == []
    active = Subscriber.objects.filter(email__in=people, state="active")
    assert active.count() == PEOPLE


def test_twenty_send_contributions(stack: Stack, visitors: Visitors, measured: Measured) -> None:
    seconds = at_once([visitors.contribute] * PARTNERS)
    measured.note(sent=f"{seconds:.1f} s")

    assert visitors.failures() == []
    assert len(visitors.acts.contributed) == PARTNERS


def test_fifty_approve_at_once(stack: Stack, measured: Measured) -> None:
    """Two of the team answer each draft's step at the same moment, then its other step."""
    reviewers = [Account(stack, member("Relecture", f"relit-{number}")) for number in range(2)]
    directors = [Account(stack, member("Direction", f"valide-{number}")) for number in range(2)]
    drafts = [
        make_draft(ContributionFactory(email=f"approuve-{number}@example.org"), reviewers[0].user)
        for number in range(DRAFTS)
    ]

    for name, accounts in (("reviewed", reviewers), ("validated", directors)):
        acts = [
            partial(account.approve, draft, state)
            for draft, state in current_steps(drafts).items()
            for account in accounts
        ]
        statuses: list[int] = []
        seconds = at_once([partial(note, act, statuses) for act in acts])
        measured.note(**{name: f"{seconds:.1f} s"})
        assert statuses == [FOUND] * len(acts)

    settle()
    assert not NewsPage.objects.filter(pk__in=[draft.pk for draft in drafts], live=False).exists()
    for draft in drafts:
        states = TaskState.objects.filter(
            workflow_state__object_id=str(draft.pk), status=TaskState.STATUS_APPROVED
        )
        assert states.count() == 2
        assert len({state.finished_by_id for state in states}) == 2
        entries = LedgerEntry.objects.filter(translation_key=draft.translation_key)
        assert [len(entry.approvers) for entry in entries] == [2]
    for number in range(DRAFTS):
        letters = stack.sink.to(f"approuve-{number}@example.org")
        assert len([letter for letter in letters if "en ligne" in letter.text]) == 1


def note(act: Callable[[], int], statuses: list[int]) -> None:
    """Do an act, and note its status."""
    statuses.append(act())


def current_steps(drafts: list[Any]) -> dict[Any, int]:
    """Return the step at which each draft is, as its number."""
    found = {}
    for draft in drafts:
        state = NewsPage.objects.get(pk=draft.pk).current_workflow_task_state
        assert state
        found[draft] = state.pk
    return found
