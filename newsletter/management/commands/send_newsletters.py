from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from background.supervising import stop_on_signals
from newsletter.sending.worker import Worker


class Command(BaseCommand):
    help = "Send the newsletters that are due. Run as many of these as you like."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="stop when nothing is left to send now (for cron)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        worker = Worker()
        stop_on_signals(worker.stop)
        tried = worker.run(once=options["once"])
        self.stdout.write(f"Messages tried: {tried}.")
