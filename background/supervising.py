"""Several services in one process, each started again where it fails."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

from django.db import connections

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from background.registry import Service

logger = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS = 60.0
SOUND_SECONDS = 300
"""A service that ran so long before it failed starts again at once."""


def supervise(
    services: Mapping[str, Callable[[threading.Event], Service]], stop: threading.Event
) -> None:
    """Run services, each in a thread, until they are stopped and have finished what is in hand.

    Args:
        services: what makes each, by name, from the event that stops it.
        stop: stops all.
    """
    threads = [
        threading.Thread(target=_keep_running, args=(name, make, stop), name=name, daemon=True)
        for name, make in services.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def stop_on_signals(stop: threading.Event) -> None:
    """Stop after what is in hand at the first signal, and at once at the second."""

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)
        logger.info("%s: stopping after what is in hand.", signal.Signals(number).name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)


def _keep_running(
    name: str, make: Callable[[threading.Event], Service], stop: threading.Event
) -> None:
    pause = 0.0
    while not stop.is_set():
        started = time.monotonic()
        try:
            make(stop).run()
            if not stop.is_set():
                raise RuntimeError(f"{name} ended by itself")
        except Exception:
            if stop.is_set():
                logger.exception("%s failed while it was stopping.", name)
                break
            lasted = time.monotonic() - started
            pause = (
                0.0 if lasted > SOUND_SECONDS else min(max(1.0, 2 * pause), LONGEST_PAUSE_SECONDS)
            )
            logger.exception("%s failed, and starts again in %d s.", name, pause)
            stop.wait(pause)
        finally:
            connections.close_all()
