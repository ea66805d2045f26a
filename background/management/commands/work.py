import threading
from typing import Any

from django.core.management.base import BaseCommand

from background.registry import services
from background.scheduling import Scheduler
from background.supervising import stop_on_signals, supervise
from background.workers import task_services


class Command(BaseCommand):
    help = (
        "Do all that is not done in requests: tasks, what runs by the clock, and sending."
        " Run as many of these as you like."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        stop_on_signals(stop)
        supervise({**task_services(), "scheduler": Scheduler, **services()}, stop)
