"""The states of a contribution, and the one module that changes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db.transaction import atomic
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import ModelLogEntry

from contributions.lifecycle import (
    ALLOWED_TRANSITIONS,
    AMENDABLE,
    InvalidTransition,
    can_amend,
    can_transition,
    initial_state,
    transition,
)
from contributions.models import CLOSED, Contribution, ContributionState, StateChangeRefused
from tests.factories.contributions import ContributionFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks

    from core.models import User

pytestmark = pytest.mark.django_db

# Written out once more: a change of the table is meant, or caught here.
EXPECTED = {
    "draft": "received withdrawn",
    "received": "received in_review changes_requested accepted rejected withdrawn",
    "in_review": "in_review changes_requested scheduled published rejected withdrawn",
    "changes_requested": "received in_review accepted rejected withdrawn",
    "scheduled": "published in_review changes_requested rejected withdrawn",
    "published": "",
    "accepted": "",
    "rejected": "received",
    "withdrawn": "",
}


def test_the_table_of_transitions_is_the_one_that_was_agreed_on() -> None:
    assert set(ALLOWED_TRANSITIONS) == set(ContributionState)
    assert {before: set(after) for before, after in ALLOWED_TRANSITIONS.items()} == {
        before: set(after.split()) for before, after in EXPECTED.items()
    }


@pytest.mark.parametrize("before", ContributionState)
def test_only_an_allowed_transition_changes_the_row(
    before: ContributionState, coordinator: User
) -> None:
    for after in ContributionState:
        contribution = ContributionFactory(state=before)
        row = Contribution.objects.filter(pk=contribution.pk).values()
        unchanged = row.get()

        if after in EXPECTED[before].split():
            changed = transition(contribution, after, user=coordinator)
            assert row.get()["state"] == changed.state == after
            [entry] = ModelLogEntry.objects.for_instance(contribution)
            assert (entry.action, entry.user) == (f"contributions.{after}", coordinator)
            assert entry.data == {"before": before}
        else:
            with pytest.raises(InvalidTransition):
                transition(contribution, after)
            assert row.get() == unchanged
            assert not ModelLogEntry.objects.for_instance(contribution).exists()


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(path=st.lists(st.sampled_from(list(ContributionState)), max_size=8), is_draft=st.booleans())
def test_whatever_is_tried_the_row_follows_the_table(
    path: list[ContributionState], is_draft: bool
) -> None:
    contribution = ContributionFactory(state=initial_state(is_draft))
    state = ContributionState(contribution.state)
    accepted = 0

    for after in path:
        allowed = after in EXPECTED[state].split()
        assert can_transition(contribution, after) is allowed
        started = timezone.now()
        if allowed:
            contribution = transition(contribution, after)
            state, accepted = after, accepted + 1
            assert contribution.waiting_since >= started
            assert contribution.reminded_at is None
        else:
            with pytest.raises(InvalidTransition):
                transition(contribution, after)

        contribution.refresh_from_db()
        assert contribution.state == state
        assert (contribution.closed_at is not None) is (accepted > 0 and state in CLOSED)
        assert can_amend(contribution) is (state in {ContributionState.DRAFT, *AMENDABLE})
    assert ModelLogEntry.objects.for_instance(contribution).count() == accepted


def test_a_stale_copy_does_not_take_back_what_happened_meanwhile() -> None:
    stale = ContributionFactory()
    transition(Contribution.objects.get(pk=stale.pk), ContributionState.WITHDRAWN)

    with pytest.raises(InvalidTransition):
        transition(stale, ContributionState.IN_REVIEW)

    stale.refresh_from_db()
    assert stale.state == ContributionState.WITHDRAWN


def test_a_partner_is_notified_unless_it_is_asked_not_to(
    mailoutbox: list[Any],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    for is_notified in (True, False):
        with django_capture_on_commit_callbacks(execute=True):
            transition(ContributionFactory(), ContributionState.IN_REVIEW, is_notified=is_notified)

    assert len(mailoutbox) == 1


# Nothing else changes a state


def test_no_assignment_changes_a_state() -> None:
    contribution = ContributionFactory()

    with pytest.raises(StateChangeRefused):
        contribution.state = ContributionState.PUBLISHED

    contribution.state = ContributionState.RECEIVED
    contribution.save()
    assert Contribution.objects.get().state == ContributionState.RECEIVED


def test_no_query_changes_a_state() -> None:
    contribution = ContributionFactory()

    rows = Contribution.objects.filter(pk=contribution.pk)
    changes: list[Callable[[], object]] = [
        lambda: Contribution.objects.update(state=ContributionState.PUBLISHED),
        lambda: rows.update(title="x", state=ContributionState.PUBLISHED),
        lambda: rows.bulk_update([contribution], ["state"]),
        lambda: rows.update_or_create(defaults={"state": ContributionState.PUBLISHED}),
    ]
    for change in changes:
        with pytest.raises(StateChangeRefused), atomic():
            change()

    assert Contribution.objects.get().state == ContributionState.RECEIVED


def test_a_row_is_read_again_with_its_state_whole_or_in_part() -> None:
    contribution = ContributionFactory(title="Avant")
    other = transition(Contribution.objects.get(), ContributionState.IN_REVIEW)
    other.title = "Après"
    other.save()

    contribution.refresh_from_db(fields=["title"])
    assert (contribution.title, contribution.state) == ("Après", ContributionState.RECEIVED)
    contribution.refresh_from_db(fields=iter(["state"]))
    assert contribution.state == ContributionState.IN_REVIEW
    transition(other, ContributionState.REJECTED)
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.REJECTED


def test_a_row_of_which_the_state_was_left_out_reads_it_when_asked() -> None:
    transition(ContributionFactory(), ContributionState.IN_REVIEW)

    assert Contribution.objects.defer("state").get().state == ContributionState.IN_REVIEW
