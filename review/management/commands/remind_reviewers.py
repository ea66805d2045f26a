from typing import Any

from django.core.management.base import BaseCommand

from review.reminders import send_reminders


class Command(BaseCommand):
    help = "Remind reviewers of what has waited for over five working days."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{send_reminders()} letters")
