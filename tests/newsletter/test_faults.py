"""Whatever dies, and whenever: nobody gets two, and nobody is forgotten."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from newsletter import sending
from newsletter.models import Delivery, Mailing, Subscriber
from tests.factories.newsletter import validated_issue
from tests.faults.workers import chosen_seed, kill_workers, running_server

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PEOPLE = 300
WORKERS = 3
DROPPED = 0.04
"""Share of the moments at which the server drops the connection."""
LONGEST = 90
KILLS = 6
State = Delivery.State


def test_killed_workers_and_dropped_connections_send_nothing_twice_and_forget_nobody(
    tmp_path: Path,
) -> None:
    seed = chosen_seed()
    Subscriber.objects.bulk_create(
        Subscriber(email=f"a-{number}@example.org", state="active") for number in range(PEOPLE)
    )
    sending.schedule(validated_issue(), None)
    with running_server(tmp_path, seed=seed, drops=DROPPED, holds=KILLS) as server:
        kills = kill_workers(
            "send_newsletters",
            server,
            dice=random.Random(seed),
            is_over=Mailing.objects.filter(state=Mailing.State.SENT).exists,
            longest=LONGEST,
            count=WORKERS,
        )

    got = Counter(json.loads(line)[0] for line in server.journal.read_text().splitlines())
    by_state: dict[str, set[str]] = {state: set() for state in State.values}
    for email, state in Delivery.objects.values_list("subscriber__email", "state"):
        by_state[state].add(email)
    assert kills == KILLS
    assert [email for email, count in got.items() if count > 1] == []
    assert by_state[State.SENT] <= set(got), "what is called sent was taken"
    missing = {f"a-{number}@example.org" for number in range(PEOPLE)} - set(got)
    assert missing <= by_state[State.UNCERTAIN]
    assert by_state[State.SENT] | by_state[State.UNCERTAIN] | by_state[State.FAILED] == {
        f"a-{number}@example.org" for number in range(PEOPLE)
    }
    assert by_state[State.FAILED] == set()
