"""Replace the database and all files by those of a backup."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.files.storage import storages
from django.core.management.base import BaseCommand, CommandError

from core.models import Rendition
from operations.backups import archives, databases
from operations.backups.databases import BackupError

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    # The database may be empty, or of another release.
    requires_system_checks: list[str] = []  # noqa: RUF012 - As Django has it.
    requires_migrations_checks = False
    help = "Replaces the database and all files by those of a backup."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path)
        parser.add_argument(
            "--replace", action="store_true", help="Replace a database or files that are there."
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="Only compare the archive with its manifest, its database table by table.",
        )

    def handle(self, *args: Any, archive: Path, **options: Any) -> None:
        try:
            if options["check"]:
                manifest = archives.verify(archive, with_database=True)
                self.stdout.write(f"{archive} of {manifest.made_at} is whole.")
                return
            if not options["replace"] and not self._is_empty():
                raise CommandError(
                    "There is a database, or files, already: --replace replaces them all."
                )
            manifest = archives.restore(archive)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        drawn, lacking = self._draw_renditions() if not manifest.has_renditions else (0, [])
        self.stdout.write(
            f"Restored what there was on {manifest.made_at}: {len(manifest.tables)} tables, "
            f"{len(manifest.files)} files, {drawn} renditions drawn again. "
            "Now run migrate, and start the web servers and workers."
        )
        if lacking:
            raise CommandError("Not drawn, since their images can't be read: " + ", ".join(lacking))

    @staticmethod
    def _is_empty() -> bool:
        files = (
            name
            for alias in archives.STORAGES.values()
            for name in archives.stored_files(storages[alias])
        )
        return databases.is_empty() and next(files, None) is None

    @staticmethod
    def _draw_renditions() -> tuple[int, list[str]]:
        drawn, lacking = 0, []
        for rendition in Rendition.objects.select_related("image").iterator():
            try:
                rendition.draw_again()
            except OSError:
                lacking.append(str(rendition.file.name))
            else:
                drawn += 1
        return drawn, lacking
