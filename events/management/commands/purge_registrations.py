from typing import Any

from django.core.management.base import BaseCommand

from events.tasks import purge_registrations


class Command(BaseCommand):
    help = "Remove the personal data of registrations that has served. To be run every day."

    def handle(self, *args: Any, **options: Any) -> None:
        purge_registrations.enqueue()
