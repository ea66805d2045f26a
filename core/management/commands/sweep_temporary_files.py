from typing import Any

from django.core.management.base import BaseCommand

from core.files.temporary import sweep_temporary_files


class Command(BaseCommand):
    help = "Remove temporary files of processes that were killed, a day later."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{sweep_temporary_files()} removed")
