"""The faults that matter most, on the whole site as in production."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from newsletter import sending
from newsletter.models import Mailing
from outbox.models import OutgoingEmail
from tests.factories.newsletter import validated_issue
from tests.faults.sink import Mode, Stage
from tests.faults.stack import LONGEST, wait_until
from tests.faults.traffic import Traffic

if TYPE_CHECKING:
    from tests.faults.conftest import Measured
    from tests.faults.stack import Stack
    from tests.faults.traffic import Visitors

pytestmark = [pytest.mark.postgres, pytest.mark.faults]
GRACE_SECONDS = 0.5


def test_a_cache_that_hangs_or_is_gone_costs_no_answer(
    stack: Stack, visitors: Visitors, measured: Measured
) -> None:
    with Traffic(visitors):
        time.sleep(0.5)
        stack.redis.hang()
        time.sleep(1.5)
        stack.redis.go_on()
        stack.redis.stop()
        time.sleep(1)
        stack.redis.start()
        time.sleep(0.5)

    assert visitors.failures() == []


def test_a_database_that_restarts_costs_the_answers_of_that_time_alone(
    stack: Stack, visitors: Visitors, measured: Measured
) -> None:
    with Traffic(visitors):
        time.sleep(1)
        gone = time.monotonic()
        stack.cluster.stop()
        time.sleep(1)
        stack.cluster.start()
        back = time.monotonic()
        recovered = wait_until(stack.is_ready, "the site answers again")
        time.sleep(1.5)

    during = [each for each in visitors.failures() if gone <= each.ended]
    late = [each for each in visitors.failures() if each.started > back + GRACE_SECONDS]
    assert visitors.failures() == during
    assert late == []
    pages = [each for each in during if each.kind == "read" and not each.path.startswith("/api/")]
    assert pages, "somebody read meanwhile"
    for each in pages:
        assert "Le site a un problème technique" in each.content.decode()
        assert "tel:119" in each.content.decode()
    measured.note(away=f"{back - gone:.1f} s", recovered=f"{recovered:.1f} s")


def test_a_mail_server_that_drops_and_refuses_costs_no_letter(
    stack: Stack, visitors: Visitors, measured: Measured
) -> None:
    sending.schedule(validated_issue(), None)
    stack.sink.mode = Mode.DROP
    with Traffic(visitors):
        time.sleep(2)
        stack.sink.mode = Mode.REFUSE_FOR_NOW
        time.sleep(1)
        stack.sink.mode = Mode.ACCEPT
        time.sleep(0.5)

    assert visitors.failures() == []
    wait_until(Mailing.objects.filter(state=Mailing.State.SENT).exists, "the issue is sent")


def test_a_worker_killed_once_the_server_took_its_letter_sends_it_again_under_one_name(
    stack: Stack, visitors: Visitors, measured: Measured
) -> None:
    stack.sink.hold_at = Stage.TAKEN
    visitors.register()
    stack.kill(stack.sink.held.get(timeout=LONGEST))
    stack.sink.release()
    stack.start_worker()
    wait_until(lambda: not OutgoingEmail.objects.unsent().exists(), "the letter is sent again")

    [email] = visitors.acts.registered
    letters = stack.sink.to(email)
    assert len(letters) == 2
    assert len({letter.name for letter in letters}) == 1
