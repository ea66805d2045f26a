from typing import Any

from django.core.management.base import BaseCommand

from figures.retention import apply_retention


class Command(BaseCommand):
    help = "Forget the words that were searched a year ago, and the oldest totals."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in apply_retention().items():
            self.stdout.write(f"{name}: {count}")
