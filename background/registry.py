"""What runs by the clock, and what runs all the time, as each app registers them.

In a module ``jobs`` of the app, which is loaded where they are run (:func:`load`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules

LONG = "long"
"""The queue of tasks that take long, which delay no other: ``@task(queue_name=LONG)``."""


class Service(Protocol):
    """What runs until it is stopped."""

    def run(self) -> object:
        """Run until the event that it was made with is set."""


@dataclass(frozen=True)
class PeriodicCommand:
    """A command that runs by the clock, every so often or every day at an hour of the site.

    It must be harmless when it runs twice: its process may die in between.
    """

    name: str
    every: timedelta | None = None
    at: time | None = None
    is_needed: Callable[[], bool] = lambda: True

    def next_after(self, moment: datetime) -> datetime:
        """Return when it runs next after a moment, which may be in any time zone."""
        if self.every is not None:
            return moment + self.every
        zone = ZoneInfo(settings.TIME_ZONE)
        local = moment.astimezone(zone)
        day = local.date()
        # An hour that the clock passes over in spring is one hour later in the day.
        due = datetime.combine(day, self.at or time(), zone)
        if due <= local:
            due = datetime.combine(day + timedelta(days=1), self.at or time(), zone)
        return due.astimezone(moment.tzinfo)

    def first_after(self, moment: datetime) -> datetime:
        """Return when it runs for the first time: at once, or at its hour."""
        return moment if self.every is not None else self.next_after(moment)

    @property
    def period(self) -> timedelta:
        """How much time is between two times, at most."""
        return self.every or timedelta(hours=25)


_commands: dict[str, PeriodicCommand] = {}
_services: dict[str, Callable[[threading.Event], Service]] = {}


def run_every(name: str, every: timedelta, is_needed: Callable[[], bool] = lambda: True) -> None:
    """Have a command run every so often.

    Args:
        name: of the command.
        every: the time from its end to its next start.
        is_needed: whether it is run at all here.
    """
    _register(PeriodicCommand(name, every=every, is_needed=is_needed))


def run_daily(name: str, at: time, is_needed: Callable[[], bool] = lambda: True) -> None:
    """Have a command run every day, at an hour in the time zone of the site."""
    _register(PeriodicCommand(name, at=at, is_needed=is_needed))


def _register(command: PeriodicCommand) -> None:
    if command.name in _commands:
        raise ImproperlyConfigured(f"{command.name} already runs by the clock.")
    _commands[command.name] = command


def run_always(name: str, make: Callable[[threading.Event], Service]) -> None:
    """Have ``manage.py work`` run something until it stops.

    Args:
        name: for logs.
        make: returns it, from the event that stops it.
    """
    if name in _services:
        raise ImproperlyConfigured(f"{name} already runs all the time.")
    _services[name] = make


def load() -> None:
    """Load the module ``jobs`` of every app."""
    autodiscover_modules("jobs")


def periodic_commands() -> list[PeriodicCommand]:
    """Return the commands that run by the clock here."""
    load()
    return [command for command in _commands.values() if command.is_needed()]


def services() -> dict[str, Callable[[threading.Event], Service]]:
    """Return what ``manage.py work`` runs, beside tasks and the clock."""
    load()
    return dict(_services)
