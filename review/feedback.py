"""Sentences for the screen, about what the review did during a request."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.messages import ERROR, SUCCESS

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Report:
    """A sentence for who made the request, at a level of Django's messages."""

    level: int
    text: str

    @property
    def is_success(self) -> bool:
        return self.level == SUCCESS


_reports: ContextVar[list[Report] | None] = ContextVar("review_reports", default=None)


def report(level: int, text: str) -> bool:
    """Keep a sentence for the screen, and return whether there is one."""
    reports = _reports.get()
    if reports is None:
        return False
    reports.append(Report(level, text))
    return True


def has_errors() -> bool:
    """Return whether something was refused in this request."""
    return any(each.level >= ERROR for each in _reports.get() or ())


@contextmanager
def collecting() -> Iterator[list[Report]]:
    """Collect what is reported until the block ends."""
    reports: list[Report] = []
    token = _reports.set(reports)
    try:
        yield reports
    finally:
        _reports.reset(token)
