"""What was promised, and what came of it: letters, rows, files."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from contributions.models import Contribution
from core.files.temporary import STALE_SECONDS, sweep_temporary_files
from events.models import Registration
from newsletter.models import Delivery, Mailing, Subscriber
from outbox.models import OutgoingEmail
from tests.faults.stack import LOOK_SECONDS, file_fields

if TYPE_CHECKING:
    from tests.faults.stack import Stack
    from tests.faults.traffic import Visitors

Sending, Letter = Delivery.State, OutgoingEmail.State


def open_work() -> dict[str, int]:
    """Return what is still to be done now."""
    return {
        "letters": OutgoingEmail.objects.unsent().count(),
        "mailings": Mailing.objects.filter(state__in=("scheduled", "sending")).count(),
        "tasks": DBTaskResult.objects.ready().filter(run_after__lte=timezone.now()).count()
        + DBTaskResult.objects.ready().filter(run_after__year=9999).count(),
        "tasks in hand": DBTaskResult.objects.running().count(),
    }


def settle(longest: float = 60) -> float:
    """Wait until nothing is left to do; return how many seconds it took."""
    started = time.monotonic()
    while any((left := open_work()).values()):
        assert time.monotonic() < started + longest, f"never done: {left}"
        time.sleep(LOOK_SECONDS)
    return time.monotonic() - started


def check_letters(stack: Stack, visitors: Visitors) -> Counter[str]:
    """Compare what is owed with what the mail server took; return how many there are of each.

    A letter about a person's own act comes at least once, and under one name if twice. An issue of
    the newsletter never comes twice, and what nobody knows of is « uncertain ».
    """
    acts = visitors.acts
    emails = set(Subscriber.objects.values_list("email", flat=True))
    assert set(acts.subscribed) <= emails, "who was thanked is in the list"
    active = set(Subscriber.objects.filter(state="active").values_list("email", flat=True))
    assert set(acts.confirmed) <= active, "who confirmed gets the newsletter"
    registered = set(Registration.objects.values_list("email", flat=True))
    assert set(acts.registered) <= registered, "who was given a receipt has a registration"
    contributed = set(Contribution.objects.values_list("email", flat=True))
    assert set(acts.contributed) <= contributed, "what was received is there"

    taken: defaultdict[str, list[str]] = defaultdict(list)
    for letter in list(stack.sink.letters):
        taken[letter.number].append(letter.address)
    came: set[str] = set()
    by_state: Counter[str] = Counter()
    for row in OutgoingEmail.objects.defer("html", "attachments"):
        found = taken.pop(row.uuid.hex, [])
        by_state[row.state] += 1
        by_state["repeated"] += max(0, len(found) - 1)
        assert set(found) <= {row.address}
        if row.state == Letter.SENT:
            assert found, f"{row} is called sent, and never came"
            came.add(row.address)
    assert {*acts.subscribed, *acts.registered, *acts.contributed} <= came, "each got a letter"

    for delivery in Delivery.objects.select_related("subscriber"):
        found = taken.pop(delivery.uuid.hex, [])
        by_state[f"newsletter {delivery.state}"] += 1
        assert len(found) <= 1, f"{delivery} came twice"
        assert set(found) <= {delivery.subscriber.email}
        if delivery.state == Sending.SENT:
            assert found, f"{delivery} is called sent, and never came"
        elif found:
            assert delivery.state == Sending.UNCERTAIN
    assert not taken, "nothing came that was not written"
    return by_state


def stored_files(stack: Stack) -> set[str]:
    """Return the names of the files in the storages."""
    return {
        str(path.relative_to(folder))
        for folder in (stack.media, stack.private)
        for path in folder.rglob("*")
        if path.is_file()
    }


def known_files() -> set[str]:
    """Return the names of the files that rows have."""
    return {
        name
        for field in file_fields()
        for name in field.model._default_manager.values_list(field.name, flat=True)
        if name
    }


def check_files(stack: Stack) -> None:
    """Find no file without a row, no row without a file, and no temporary file."""
    stored, known = stored_files(stack), known_files()
    assert stored - known == set(), f"files without a row: {stored - known}"
    assert known - stored == set(), f"rows without a file: {known - stored}"
    assert temporary_files(stack) == set()


def sweep(stack: Stack) -> None:
    """Remove temporary files as the site does, a day later."""
    with patch("tempfile.tempdir", str(stack.temporary)):
        sweep_temporary_files(time.time() + STALE_SECONDS + 1)


def temporary_files(stack: Stack) -> set[Path]:
    """Return what processes left in their temporary folder."""
    return {path for path in stack.temporary.rglob("*") if path.is_file()}
