from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from core.models import PersonalDataAct
from core.privacy.archive import as_json, collect, export_person
from core.privacy.erasing import ErasureRefused, erase_person
from core.privacy.register import write_register

REASONS = PersonalDataAct.Reason.values


class Command(BaseCommand):
    help = "What is kept of people: the register of it, and what is held of one person."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        acts.add_parser("register", help="print docs/registre-des-traitements.md")
        export = acts.add_parser("export", help="all that is held of the person with an address")
        export.add_argument("address")
        export.add_argument("--output", help="an archive to write (ZIP), else JSON is printed")
        erase = acts.add_parser("erase", help="erase the person with an address")
        erase.add_argument("address")
        erase.add_argument("--yes", action="store_true", help="do not ask for the address again")
        for each in (export, erase):
            each.add_argument("--reason", choices=REASONS, default=PersonalDataAct.Reason.ASKED)

    def handle(self, *args: Any, **options: Any) -> None:
        with override("fr"):
            getattr(self, options["act"])(options)

    def register(self, options: dict[str, Any]) -> None:
        """Print the register."""
        self.stdout.write(write_register(), ending="")

    def export(self, options: dict[str, Any]) -> None:
        """Print what is held of a person, or write the archive of it."""
        archive = export_person(options["address"], None, options["reason"])
        if not options["output"]:
            self.stdout.write(as_json(collect(options["address"])))
            return
        path = Path(options["output"])
        path.touch(mode=0o600)
        path.write_bytes(archive)

    def erase(self, options: dict[str, Any]) -> None:
        """Erase a person, once their address was typed again."""
        address = options["address"]
        if not options["yes"] and input(f"Type {address} again to erase it: ") != address:
            raise CommandError("Not erased: the addresses differ.")
        try:
            erased = erase_person(address, None, options["reason"])
        except ErasureRefused as refused:
            raise CommandError(str(refused)) from refused
        for label, count in sorted(erased.counts.items()):
            self.stdout.write(f"{label}: {count}")
        for processing in erased.remains:
            self.stdout.write(f"{processing.name} : {processing.remains}")
        for mention in erased.to_replace:
            self.stdout.write(f"To replace by hand: {mention.model._meta.label} {mention.pk}")
