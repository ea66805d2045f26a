"""What runs by the clock runs once, on time, whatever the clock and the schedulers do."""

from __future__ import annotations

import datetime as dt
import re
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands
from django.db import OperationalError
from django.utils import timezone

from background import registry, scheduling, state
from background.models import Beat, Job
from background.registry import PeriodicCommand, periodic_commands
from background.scheduling import Scheduler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(settings.ROOT_DIR)
NOW = dt.datetime(2026, 11, 28, 10, 0, tzinfo=dt.UTC)
OFTEN = PeriodicCommand("often", every=dt.timedelta(minutes=10))
DAILY = PeriodicCommand("daily", at=dt.time(3, 30))
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that were run, of which « broken » fails."""
    done: list[str] = []

    def call(name: str, **options: Any) -> None:
        done.append(name)
        if name == "broken":
            raise RuntimeError("no such luck")

    monkeypatch.setattr(scheduling, "call_command", call)
    return done


def run_due(scheduler: Scheduler) -> list[str]:
    """Run what is due, one after the other, and return its names."""
    due = [command for command in scheduler.commands if scheduler.claim(command, timezone.now())]
    for command in due:
        scheduler.run_command(command)
    return [command.name for command in due]


@pytest.mark.django_db
class TestTheClock:
    def test_a_command_runs_at_once_and_then_every_so_often(
        self, clock: Any, calls: list[str]
    ) -> None:
        scheduler = Scheduler(commands=[OFTEN])

        ran = []
        for _ in range(31):
            ran.append(run_due(scheduler))
            clock.shift(MINUTE)

        assert [minute for minute, names in enumerate(ran) if names] == [0, 10, 20, 30]

    def test_a_daily_one_waits_for_its_hour(self, clock: Any, calls: list[str]) -> None:
        scheduler = Scheduler(commands=[DAILY])
        assert run_due(scheduler) == []
        assert Job.objects.get().next_at.isoformat() == "2026-11-29T02:30:00+00:00"

        clock.move_to(dt.datetime(2026, 11, 29, 2, 31, tzinfo=dt.UTC))

        assert run_due(scheduler) == ["daily"]
        assert run_due(scheduler) == []

    def test_after_three_days_asleep_each_runs_once(self, clock: Any, calls: list[str]) -> None:
        scheduler = Scheduler(commands=[OFTEN, DAILY])
        run_due(scheduler)

        clock.shift(dt.timedelta(days=3))

        assert sorted(run_due(scheduler)) == ["daily", "often"]
        assert run_due(scheduler) == []

    def test_a_clock_that_is_set_back_stalls_nothing(self, clock: Any, calls: list[str]) -> None:
        scheduler = Scheduler(commands=[OFTEN, DAILY])
        run_due(scheduler)
        scheduler.claim(OFTEN, timezone.now() + 11 * MINUTE)

        clock.shift(-dt.timedelta(days=400))

        assert run_due(scheduler) == ["often"], "what was in hand belongs to nobody"
        clock.shift(dt.timedelta(days=1))
        assert sorted(run_due(scheduler)) == ["daily", "often"]

    @pytest.mark.parametrize(
        "day,expected",
        [
            ("2027-03-27", ["2027-03-27T02:30+01:00", "2027-03-28T03:30+02:00"]),
            ("2027-10-30", ["2027-10-30T02:30+02:00", "2027-10-31T02:30+02:00"]),
        ],
    )
    def test_summer_time_leaves_one_time_a_day(self, day: str, expected: list[str]) -> None:
        command = PeriodicCommand("night", at=dt.time(2, 30))
        moment = dt.datetime.fromisoformat(f"{day}T00:00:00+00:00")
        found = []
        for _ in range(3):
            moment = command.next_after(moment)
            local = moment.astimezone(dt.UTC).astimezone(ZoneInfo("Europe/Paris"))
            found.append(local.isoformat(timespec="minutes"))

        assert found[:2] == expected
        assert len({each[:10] for each in found}) == 3


@pytest.mark.django_db
class TestFailures:
    def test_one_that_fails_stops_no_other_and_is_tried_again(
        self, clock: Any, calls: list[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        broken = PeriodicCommand("broken", every=dt.timedelta(minutes=30))
        scheduler = Scheduler(commands=[broken, OFTEN])

        assert run_due(scheduler) == ["broken", "often"]

        row = Job.objects.get(name="broken")
        assert (row.failures, row.succeeded_at) == (1, None)
        assert "no such luck" in row.error
        assert "broken failed" in caplog.text
        waits = []
        for _ in range(7):
            waits.append((Job.objects.get(name="broken").next_at - timezone.now()) // MINUTE)
            clock.shift(waits[-1] * MINUTE)
            run_due(scheduler)
        assert waits == [1, 2, 4, 8, 16, 30, 30]

    def test_it_recovers(self, clock: Any, calls: list[str]) -> None:
        Job.objects.create(name="often", next_at=NOW, failures=3, error="before")

        run_due(Scheduler(commands=[OFTEN]))

        row = Job.objects.get()
        assert (row.failures, row.error, row.succeeded_at) == (0, "", NOW)

    def test_what_a_dead_scheduler_had_in_hand_runs_again(
        self, clock: Any, calls: list[str]
    ) -> None:
        dead, other = Scheduler(commands=[OFTEN]), Scheduler(commands=[OFTEN])
        assert dead.claim(OFTEN, timezone.now())
        assert run_due(other) == []

        clock.shift(2 * MINUTE)

        assert run_due(other) == ["often"]

    def test_what_was_claimed_as_the_database_went_away_is_not_kept(
        self, clock: Any, calls: list[str]
    ) -> None:
        living, other = Scheduler(commands=[OFTEN]), Scheduler(commands=[OFTEN])
        living.claim(OFTEN, timezone.now())
        living.in_hand.clear()  # As where the answer to its UPDATE was lost.

        clock.shift(2 * MINUTE)
        living._renew(timezone.now())

        assert run_due(other) == ["often"]

    def test_one_that_cannot_be_claimed_keeps_back_none_that_was(
        self, clock: Any, calls: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        scheduler = Scheduler(commands=[OFTEN, DAILY])
        claim = scheduler.claim

        def lose(command: PeriodicCommand, now: dt.datetime) -> bool:
            if command is DAILY:
                raise OperationalError("server closed the connection")
            return claim(command, now)

        monkeypatch.setattr(scheduler, "claim", lose)
        monkeypatch.setattr(scheduler, "_run_in_thread", lambda command: calls.append(command.name))
        with pytest.raises(OperationalError):
            scheduler.start_due(timezone.now())
        scheduler.join()

        assert calls == ["often"]

    def test_what_takes_long_runs_once(self, clock: Any, calls: list[str]) -> None:
        slow, other = Scheduler(commands=[OFTEN]), Scheduler(commands=[OFTEN])
        assert slow.claim(OFTEN, timezone.now())

        for _ in range(60):
            clock.shift(MINUTE / 2)
            slow._renew(timezone.now())
            assert run_due(other) == []


@pytest.mark.django_db(transaction=True)
def test_of_many_schedulers_one_runs_each_and_what_takes_long_delays_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    free, stop = threading.Event(), threading.Event()

    def call(name: str, **options: Any) -> None:
        done.append(name)
        if name == "slow":
            free.wait(20)

    monkeypatch.setattr(scheduling, "call_command", call)
    monkeypatch.setattr(scheduling, "TICK_SECONDS", 0.05)
    slow, quick = (PeriodicCommand(name, every=dt.timedelta(hours=1)) for name in ("slow", "quick"))
    # So that quick is due only once slow is running.
    Job.objects.create(name="quick", next_at=timezone.now() + dt.timedelta(seconds=1))
    schedulers = [Scheduler(stop, commands=[slow, quick]) for _ in range(3)]
    threads = [threading.Thread(target=each.run) for each in schedulers]
    for thread in threads:
        thread.start()

    wait_until(lambda: Job.objects.filter(name="quick").exclude(succeeded_at=None).exists())
    assert Job.objects.get(name="slow").succeeded_at is None
    assert len(state.alive("scheduler", timezone.now())) == 3
    free.set()
    stop.set()
    for thread in threads:
        thread.join()

    assert sorted(done) == ["quick", "slow"]
    assert Job.objects.get(name="slow").succeeded_at
    assert not Beat.objects.exists()


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        threading.Event().wait(0.05)
    raise AssertionError("it never came")


# What is registered


def test_every_command_that_is_registered_exists_and_is_documented() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    section = text.partition("## What runs by the clock")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, flags=re.MULTILINE)
    documented = {name for row in rows for name in re.findall("`([a-z_]+)`", row)}

    periodic_commands()

    assert set(registry._commands) == documented
    assert documented <= set(get_commands())


def test_every_command_that_purges_runs_by_the_clock() -> None:
    periodic_commands()
    ours = {
        name
        for name, app in get_commands().items()
        if name.startswith(("purge_", "apply_retention", "remind_")) and (ROOT / app).is_dir()
    }

    assert ours <= set(registry._commands)


def test_a_command_is_registered_once() -> None:
    periodic_commands()

    with pytest.raises(ImproperlyConfigured, match="publish_scheduled"):
        registry.run_daily("publish_scheduled", at=dt.time(1))
    with pytest.raises(ImproperlyConfigured, match="newsletter"):
        registry.run_always("newsletter", Scheduler)


def test_what_needs_a_service_runs_where_it_is_set(settings: Any) -> None:
    settings.BOUNCES_URL = ""
    without = {command.name for command in periodic_commands()}
    settings.BOUNCES_URL = "imaps://a:b@c/INBOX"

    assert {command.name for command in periodic_commands()} - without == {"poll_bounces"}


@pytest.mark.django_db
def test_what_is_late_is_known(clock: Any, calls: list[str]) -> None:
    def late() -> set[str]:
        return {each.name for each in state.job_states(timezone.now()) if each.is_late}

    names = {command.name for command in periodic_commands()}
    assert late() == names

    run_due(Scheduler())
    assert late() == set()
    clock.shift(dt.timedelta(hours=1))
    assert "publish_scheduled" in late()
    assert "check_files" not in late()
