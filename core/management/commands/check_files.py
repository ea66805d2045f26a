from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from core.missing_files import check_files


class Command(BaseCommand):
    help = "Look for the file of each document and image, for the report of those that are gone."

    def handle(self, *args: Any, **options: Any) -> None:
        checked = check_files(timezone.now())
        self.stdout.write(f"{checked.files} files, {checked.missing} gone")
