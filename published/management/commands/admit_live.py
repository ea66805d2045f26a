from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from published.rebuilding import admit_live


class Command(BaseCommand):
    help = "Makes public what is live and not waiting for its review: after upgrading from 0.1.0."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--reason", default="upgrade", help="what the ledger keeps of it")

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{admit_live(options['reason'])} admitted.")
