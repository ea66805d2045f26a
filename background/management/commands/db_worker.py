import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from background.supervising import stop_on_signals, supervise
from background.workers import TaskWorker, task_services


class Command(BaseCommand):
    help = "Do the tasks that wait. Run as many of these as you like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--batch", action="store_true", help="stop when none is left to do now (for cron)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        stop_on_signals(stop)
        if options["batch"]:
            self.stdout.write(f"Tasks done: {TaskWorker(stop).run(once=True)}.")
        else:
            supervise(task_services(), stop)
