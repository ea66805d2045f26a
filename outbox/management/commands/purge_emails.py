from typing import Any

from django.core.management.base import BaseCommand

from outbox.retention import apply_retention


class Command(BaseCommand):
    help = "Forget the texts and addresses of letters whose time is over."

    def handle(self, *args: Any, **options: Any) -> None:
        done = apply_retention()
        self.stdout.write(
            f"Texts: {done['texts']}. Addresses: {done['addresses']}. Rows: {done['rows']}."
        )
