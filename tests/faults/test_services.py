"""What the site needs stops, hangs, lies or dies."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from newsletter import sending
from outbox.models import OutgoingEmail
from tests.factories.newsletter import validated_issue
from tests.faults.sink import Mode
from tests.faults.stack import wait_until
from tests.faults.traffic import Traffic

if TYPE_CHECKING:
    from tests.faults.conftest import Measured
    from tests.faults.stack import Stack
    from tests.faults.traffic import Visitors

pytestmark = [pytest.mark.postgres, pytest.mark.faults, pytest.mark.long_faults]
GRACE_SECONDS = 0.5
FAULT_SECONDS = 8


@pytest.mark.parametrize("fault", ["stopped", "hanging"])
def test_redis(fault: str, stack: Stack, visitors: Visitors, measured: Measured) -> None:
    with Traffic(visitors):
        time.sleep(1)
        if fault == "hanging":
            stack.redis.hang()
        else:
            stack.redis.stop()
        time.sleep(FAULT_SECONDS)
        if fault == "hanging":
            stack.redis.go_on()
        else:
            stack.redis.start()
        time.sleep(6)

    assert visitors.failures() == []


@pytest.mark.parametrize("way", ["stopped", "crashed"])
def test_a_database_that_is_away(
    way: str, stack: Stack, visitors: Visitors, measured: Measured
) -> None:
    sending.schedule(validated_issue(), None)
    with Traffic(visitors):
        time.sleep(2)
        gone = time.monotonic()
        if way == "crashed":
            stack.cluster.crash()
        else:
            stack.cluster.stop()
        time.sleep(3)
        stack.cluster.start()
        back = time.monotonic()
        recovered = wait_until(stack.is_ready, "the site answers again")
        time.sleep(3)

    assert [each for each in visitors.failures() if each.ended < gone] == []
    assert [each for each in visitors.failures() if each.started > back + GRACE_SECONDS] == []
    measured.note(away=f"{back - gone:.1f} s", recovered=f"{recovered:.1f} s")


@pytest.mark.parametrize("mode", [Mode.REFUSE_FOR_NOW, Mode.HANG, Mode.DROP, Mode.GREYLIST])
def test_a_mail_server(mode: Mode, stack: Stack, visitors: Visitors, measured: Measured) -> None:
    sending.schedule(validated_issue(), None)
    stack.sink.mode = mode
    with Traffic(visitors, pause=0.2):
        time.sleep(FAULT_SECONDS)
    if mode != Mode.GREYLIST:
        stack.sink.mode = Mode.ACCEPT

    assert visitors.failures() == []


def test_a_mail_server_that_is_gone(stack: Stack, visitors: Visitors, measured: Measured) -> None:
    sending.schedule(validated_issue(), None)
    stack.sink.stop()
    with Traffic(visitors, pause=0.2):
        time.sleep(FAULT_SECONDS)
    stack.sink.restart()

    assert visitors.failures() == []


def test_a_mail_server_that_refuses_for_good_is_shown_to_the_team_who_try_again(
    stack: Stack, visitors: Visitors, measured: Measured
) -> None:
    stack.sink.mode = Mode.REFUSE_FOR_GOOD
    visitors.register()
    visitors.subscribe()
    refused = OutgoingEmail.objects.filter(state=OutgoingEmail.State.REFUSED)
    wait_until(lambda: refused.count() == 2, "both are refused")
    assert {row.error for row in refused} == {"550 5.7.1 Not from you"}

    stack.sink.mode = Mode.ACCEPT
    assert refused.retry() == 2
    wait_until(lambda: not OutgoingEmail.objects.unsent().exists(), "both leave")

    assert {letter.address for letter in stack.sink.letters} >= {
        *visitors.acts.registered,
        *visitors.acts.subscribed,
    }
