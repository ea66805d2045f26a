"""What fails in one thread starts again, and stops with the others."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from background import supervising
from background.registry import services
from background.supervising import supervise

if TYPE_CHECKING:
    import pytest


class Waiting:
    """A service that runs until it is stopped."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop = stop

    def run(self) -> None:
        assert self.stop.wait(20)


def test_a_service_that_fails_starts_again_and_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop = threading.Event()
    pauses: list[float] = []
    monkeypatch.setattr(stop, "wait", lambda seconds=None: pauses.append(seconds) or stop.is_set())
    ends = [RuntimeError("first"), None, RuntimeError("third")]

    class Failing:
        def __init__(self, stop: threading.Event) -> None:
            self.stop = stop

        def run(self) -> None:
            if not ends:
                self.stop.set()
            elif error := ends.pop(0):
                raise error

    supervise({"failing": Failing}, stop)

    assert pauses == [1, 2, 4]
    assert [name in caplog.text for name in ("first", "ended by itself", "third")] == [True] * 3


def test_all_stop_together() -> None:
    stop = threading.Event()
    timer = threading.Timer(0.05, stop.set)
    timer.start()

    supervise({"one": Waiting, "two": Waiting}, stop)

    assert stop.is_set()


def test_one_that_ran_for_long_starts_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    pauses: list[float] = []
    monkeypatch.setattr(stop, "wait", lambda seconds=None: pauses.append(seconds) or stop.is_set())
    monkeypatch.setattr(supervising, "SOUND_SECONDS", -1)
    runs: list[int] = []

    class Failing:
        def __init__(self, stop: threading.Event) -> None:
            pass

        def run(self) -> None:
            runs.append(1)
            if len(runs) == 3:
                stop.set()
            else:
                raise RuntimeError

    supervise({"failing": Failing}, stop)

    assert pauses == [0, 0]


def test_the_newsletter_is_sent_by_the_same_process() -> None:
    assert "newsletter" in services()
