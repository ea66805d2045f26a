import threading
from typing import Any

from django.core.management.base import BaseCommand

from background.scheduling import Scheduler
from background.supervising import stop_on_signals, supervise


class Command(BaseCommand):
    help = "Run what runs by the clock. Of several of these, one runs each."

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        stop_on_signals(stop)
        supervise({"scheduler": Scheduler}, stop)
