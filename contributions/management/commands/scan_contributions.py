from typing import Any

from django.core.management.base import BaseCommand

from contributions.verification import verify_late


class Command(BaseCommand):
    help = "Look again at files that no worker inspected, or that wait for the antivirus."

    def handle(self, *args: Any, **options: Any) -> None:
        for key, state in verify_late().items():
            self.stdout.write(f"{key}: {state}")
