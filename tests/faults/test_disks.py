"""A disk that is full or read-only costs a file, and nothing beside it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from contributions.files import REASONS
from tests.factories import ImageFactory, ResourcePageFactory
from tests.factories.files import text_pdf
from tests.faults.ledger import stored_files, temporary_files
from tests.faults.traffic import NO_ROOM, Traffic

if TYPE_CHECKING:
    from tests.faults.conftest import Measured
    from tests.faults.stack import Stack
    from tests.faults.traffic import Visitors

pytestmark = [pytest.mark.postgres, pytest.mark.faults, pytest.mark.long_faults]
CREATED = 201
FAULT_SECONDS = 4
LARGE = b"%PDF-1.4\n" + b"x" * 3_000_000
WHY = str(REASONS["no_room"])


@pytest.mark.parametrize("fault", ["full", "read_only"])
def test_private_files(fault: str, stack: Stack, visitors: Visitors, measured: Measured) -> None:
    before = stored_files(stack)
    with getattr(stack, fault)(stack.private):
        with Traffic(visitors):
            time.sleep(FAULT_SECONDS)
        refused = visitors.contribute()
        kept = {path.name for path in stack.private.rglob("*") if path.is_file()} - {"full"}

    assert visitors.failures() == []
    assert refused.status == NO_ROOM
    assert WHY in refused.content.decode()
    assert {name for name in kept if not any(name in each for each in before)} == set()
    assert visitors.contribute().status == CREATED


def test_a_full_temporary_folder(stack: Stack, visitors: Visitors, measured: Measured) -> None:
    with stack.full(stack.temporary):
        with Traffic(visitors):
            time.sleep(FAULT_SECONDS)
        refused = visitors.contribute(LARGE)
        left = {path.name for path in temporary_files(stack)} - {"full"}

    assert visitors.failures() == []
    assert refused.status == NO_ROOM
    assert WHY in refused.content.decode()
    assert left == set()
    assert visitors.contribute(text_pdf("Une page").read()).status == CREATED


@pytest.mark.parametrize("fault", ["full", "read_only"])
def test_renditions_that_can_not_be_written(
    fault: str, stack: Stack, visitors: Visitors, measured: Measured
) -> None:
    page = ResourcePageFactory(cover=ImageFactory())
    visitors.paths = [page.url, "/api/v1/resources/"]
    with getattr(stack, fault)(stack.media), Traffic(visitors):
        time.sleep(FAULT_SECONDS)

    assert visitors.failures() == []
    assert visitors.read(page.url).status == 200
