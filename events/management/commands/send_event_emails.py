from typing import Any

from django.core.management.base import BaseCommand

from events.tasks import send_due_emails


class Command(BaseCommand):
    help = "Send the reminders and follow-ups of the agenda that are due. To be run every hour."

    def handle(self, *args: Any, **options: Any) -> None:
        send_due_emails.enqueue()
