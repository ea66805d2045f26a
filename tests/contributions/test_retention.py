"""Nothing is kept longer than its purpose."""

from __future__ import annotations

import datetime as dt
import shutil
import uuid
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.utils import timezone

from contributions.drafts import make_draft
from contributions.kinds import ContributionKind
from contributions.models import Contribution, ContributionFile, ContributionState, Message
from core.files.storage import MAX_UNKNOWN
from core.models import Document, User
from core.privacy.retention import apply_retention
from resources.models import ResourcePage
from tests.factories.contributions import ContributionFactory, ContributionFileFactory
from tests.factories.review import approve

pytestmark = pytest.mark.django_db


def applied(now: dt.datetime) -> dict[str, int]:
    return {each.retention.key: each.count for each in apply_retention(now)}


def later(days: float) -> dt.datetime:
    return timezone.now() + dt.timedelta(days=days)


def test_files_of_a_form_that_was_never_sent_go_after_a_day() -> None:
    orphan = ContributionFileFactory(contribution=None, session=uuid.uuid4())
    kept = ContributionFileFactory()
    stored, storage = orphan.file.name, orphan.file.storage

    apply_retention(later(0.9))
    assert ContributionFile.objects.count() == 2
    apply_retention(later(1.1))

    assert list(ContributionFile.objects.all()) == [kept]
    assert not storage.exists(stored)


@pytest.fixture
def empty_quarantine() -> None:
    """Remove what other tests stored, whose rows were taken back."""
    shutil.rmtree(storages["private"].path("contributions"), ignore_errors=True)


def test_what_a_killed_process_stored_without_a_row_goes_after_a_day(
    empty_quarantine: None,
) -> None:
    kept = ContributionFileFactory()
    storage: Any = kept.file.storage
    lost = storage.save("contributions/perdu", ContentFile(b"x"))

    assert applied(later(0.9))["contributions.files_without_row"] == 0
    assert applied(later(1.1))["contributions.files_without_row"] == 1

    assert not storage.exists(lost)
    assert storage.exists(kept.file.name)


def test_files_of_another_database_are_left_alone(
    empty_quarantine: None, caplog: pytest.LogCaptureFixture
) -> None:
    storage = storages["private"]
    names = [
        storage.save(f"contributions/autre-{number}", ContentFile(b"x"))
        for number in range(MAX_UNKNOWN + 1)
    ]

    assert applied(later(2))["contributions.files_without_row"] == 0

    assert all(map(storage.exists, names))
    assert "unknown to the database" in caplog.text
    for name in names:
        storage.delete(name)


@pytest.mark.parametrize("state", [ContributionState.REJECTED, ContributionState.WITHDRAWN])
def test_what_ended_otherwise_goes_whole_after_six_months(state: ContributionState) -> None:
    contribution = ContributionFactory(state=state, closed_at=timezone.now())
    file = ContributionFileFactory(contribution=contribution)
    stored, storage = file.file.name, file.file.storage

    apply_retention(later(179))
    assert Contribution.objects.exists()
    apply_retention(later(181))

    assert not Contribution.objects.exists()
    assert not storage.exists(stored)


def test_what_was_published_forgets_who_sent_it_after_a_year(
    sections: None, reviewer: User, director: User, coordinator: User
) -> None:
    contribution = ContributionFactory(kind=ContributionKind.RESOURCE)
    ContributionFileFactory(contribution=contribution)
    Message.objects.create(contribution=contribution, author="partner", text="Merci")
    draft = make_draft(contribution, reviewer)
    approve(draft, director)
    approve(draft, coordinator)

    apply_retention(later(40))
    contribution.refresh_from_db()
    assert contribution.email
    assert not ContributionFile.objects.exists()
    assert Document.objects.count() == 1
    apply_retention(later(366))

    contribution.refresh_from_db()
    assert contribution.is_anonymised
    data = str(Contribution.objects.values().get())
    assert "Camille" not in data
    assert "@" not in data
    assert not Message.objects.exists()
    assert ResourcePage.objects.get().live
    assert applied(later(367))["contributions.published"] == 0


def test_a_draft_that_nobody_touches_goes(partner: User) -> None:
    ContributionFactory(state=ContributionState.DRAFT, account=partner)

    apply_retention(later(181))

    assert not Contribution.objects.exists()


OPEN = [
    *(ContributionState.RECEIVED, ContributionState.IN_REVIEW),
    *(ContributionState.CHANGES_REQUESTED, ContributionState.SCHEDULED),
]


@pytest.mark.parametrize("state", OPEN)
def test_what_is_in_hand_goes_once_nothing_has_happened_for_a_year(
    state: ContributionState,
) -> None:
    contribution = ContributionFactory(state=state)
    file = ContributionFileFactory(contribution=contribution)
    stored, storage = file.file.name, file.file.storage

    apply_retention(later(364))
    assert Contribution.objects.exists()
    apply_retention(later(366))

    assert not Contribution.objects.exists()
    assert not storage.exists(stored)


def test_a_message_counts_as_something_that_happened() -> None:
    contribution = ContributionFactory(state=ContributionState.IN_REVIEW)
    with time_machine.travel(later(300)):
        Message.objects.create(contribution=contribution, author="note", text="À revoir")

    apply_retention(later(400))
    assert Contribution.objects.exists()
    apply_retention(later(666))
    assert not Contribution.objects.exists()


def test_of_what_is_in_hand_and_has_a_draft_the_sender_alone_goes(
    sections: None, reviewer: User, director: User, coordinator: User
) -> None:
    contribution = ContributionFactory(kind=ContributionKind.RESOURCE)
    draft = make_draft(contribution, reviewer)

    apply_retention(later(366))

    contribution.refresh_from_db()
    assert contribution.is_anonymised
    assert "@" not in str(Contribution.objects.values().get())
    # Its review goes on, and it ends as any other, with nobody to write to.
    approve(draft, director)
    approve(draft, coordinator)
    contribution.refresh_from_db()
    assert contribution.state == ContributionState.PUBLISHED


def test_it_is_a_command() -> None:
    call_command("apply_retention")
    call_command("remind_reviewers")
    call_command("scan_contributions")
