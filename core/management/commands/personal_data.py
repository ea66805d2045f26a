from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from core.privacy.register import write_register


class Command(BaseCommand):
    help = "What is kept of people: the register of it."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("register", help="print docs/registre-des-traitements.md")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(write_register(), ending="")
