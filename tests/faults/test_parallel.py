"""Many people at the same moment: each gets what is theirs, and nobody an error."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from events.models import Registration, Session, TrainingPage
from newsletter.models import Subscriber
from tests.factories.events import TrainingPageFactory, training_date
from tests.faults.ledger import settle
from tests.faults.traffic import Visitors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.faults.conftest import Measured
    from tests.faults.stack import Stack

pytestmark = [pytest.mark.postgres, pytest.mark.faults, pytest.mark.long_faults]
PEOPLE, SEATS, PARTNERS = 50, 12, 20
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
