"""Write the database and all files into one archive, and try it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError

from operations.backups import archives
from operations.backups.databases import BackupError

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    help = "Writes the database, media and private files into one archive, and tries it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("archive", type=Path, help="The file to write: there must be none yet.")
        parser.add_argument(
            "--without-renditions",
            action="store_true",
            help="Leave out the images that restoring draws again.",
        )
        parser.add_argument(
            "--no-check",
            action="store_true",
            help="Do not load the database into one made for it, to compare each table.",
        )

    def handle(self, *args: Any, archive: Path, **options: Any) -> None:
        try:
            archives.make(archive, with_renditions=not options["without_renditions"])
            manifest = archives.verify(archive, with_database=not options["no_check"])
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        size = archive.stat().st_size / 1_000_000
        tried = "not tried" if options["no_check"] else "tried"
        self.stdout.write(
            f"{archive}: {len(manifest.tables)} tables and {len(manifest.files)} files, "
            f"{size:.1f} MB, {tried}."
        )
