from typing import Any

from django.core.management.base import BaseCommand

from contributions.retention import apply_retention


class Command(BaseCommand):
    help = "Forget what partners sent and that has been kept long enough."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in apply_retention().items():
            self.stdout.write(f"{name}: {count}")
