"""Tasks that an earlier release queued are found, and run, by this one."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from django.core import mail
from django_tasks_db.models import DBTaskResult, get_date_max

from tests.factories.contributions import ContributionFactory, member
from tests.factories.events import RegistrationFactory

EVENT_LETTERS = (
    *("confirm", "already", "confirmed", "waiting", "promoted"),
    *("cancelled", "changed", "week_before", "day_before", "follow_up"),
)
PARTNER_LETTERS = (
    *("received", "amended", "in_review", "changes_requested", "scheduled", "published"),
    *("accepted", "rejected", "withdrawn", "message", "new_link"),
)
TEAM_LETTERS = ("team_received", "team_amended", "team_message", "team_withdrawn")

# Paths and arguments as 0.1.0 queued them.
QUEUED = [
    *[("contributions.tasks.send_letter", [1, name, ""]) for name in PARTNER_LETTERS],
    *[("contributions.tasks.send_letter", [1, name, "Bonjour"]) for name in TEAM_LETTERS],
    ("contributions.tasks.scan_file", [1]),
    ("core.tasks.read_document", [1]),
    *[("events.tasks.send_letter", [1, name, "https://example.org"]) for name in EVENT_LETTERS],
    ("events.tasks.tell_of_change", [1]),
    ("events.tasks.tell_of_cancellation", [1, "Grève"]),
    ("events.tasks.write_to_all", [1, "La salle", "Salle B.", ["confirmed", "waiting"]]),
    ("events.tasks.send_due_emails", []),
    ("events.tasks.purge_registrations", []),
    ("network.tasks.remind", [1]),
    ("newsletter.tasks.send_newsletters", []),
    ("newsletter.tasks.purge_subscribers", []),
    ("search.tasks.index_pages", [[1, 2]]),
]


def queued(path: str, arguments: list[Any]) -> DBTaskResult[Any, Any]:
    """Return a row of the queue, as a worker takes it."""
    return DBTaskResult(
        task_path=path,
        args_kwargs={"args": arguments, "kwargs": {}},
        backend_name="default",
        run_after=get_date_max(),
    )


def run(path: str, arguments: list[Any]) -> None:
    row = queued(path, arguments)
    row.task.call(*row.task_result.args, **row.task_result.kwargs)


@pytest.mark.parametrize("path, arguments", QUEUED)
def test_a_task_of_0_1_0_is_found_and_takes_its_arguments(path: str, arguments: list[Any]) -> None:
    row = queued(path, arguments)

    inspect.signature(row.task.func).bind(*row.task_result.args, **row.task_result.kwargs)


@pytest.mark.django_db
@pytest.mark.parametrize("name", EVENT_LETTERS)
def test_an_email_of_0_1_0_reaches_who_registered(name: str) -> None:
    registration = RegistrationFactory()

    run("events.tasks.send_letter", [registration.pk, name, "https://example.org"])

    assert [message.to for message in mail.outbox] == [[registration.email]]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path, more",
    [
        ("events.tasks.tell_of_change", []),
        ("events.tasks.tell_of_cancellation", ["Grève"]),
        ("events.tasks.write_to_all", ["La salle", "Salle B.", ["confirmed"]]),
    ],
)
def test_an_email_of_0_1_0_reaches_all_of_a_session(path: str, more: list[Any]) -> None:
    registration = RegistrationFactory()

    run(path, [registration.session_id, *more])

    assert [message.to for message in mail.outbox] == [[registration.email]]


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*PARTNER_LETTERS, *TEAM_LETTERS])
def test_an_email_of_0_1_0_reaches_the_partner_or_the_team(name: str) -> None:
    reviewer = member("Direction", email="direction@example.org")
    contribution = ContributionFactory()

    run("contributions.tasks.send_letter", [contribution.pk, name, "Bonjour"])

    to = reviewer.email if name in TEAM_LETTERS else contribution.email
    assert [message.to for message in mail.outbox] == [[to]]
