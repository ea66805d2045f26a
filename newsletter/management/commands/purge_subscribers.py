from typing import Any

from django.core.management.base import BaseCommand

from newsletter.subscribing import purge


class Command(BaseCommand):
    help = "Forget requests never confirmed, and those who left long ago."

    def handle(self, *args: Any, **options: Any) -> None:
        done = purge()
        self.stdout.write(f"Never confirmed: {done['pending']}. Left long ago: {done['left']}.")
