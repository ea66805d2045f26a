from typing import Any

from django.core.management.base import BaseCommand

from network.tasks import remind_due


class Command(BaseCommand):
    help = (
        "Write to the structures whose entry was verified more than a year ago, once each. "
        "Run it every day."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the reminders."""
        count = remind_due()
        self.stdout.write(f"{count} reminders started.")
