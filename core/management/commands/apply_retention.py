from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.privacy.retention import apply_retention


class Command(BaseCommand):
    help = "End all that has been kept long enough, of every app, and print how much of each."

    def handle(self, *args: Any, **options: Any) -> None:
        done = apply_retention()
        for each in done:
            self.stdout.write(f"{each.retention.key}: {'FAILED' if each.error else each.count}")
        if failed := [each.retention.key for each in done if each.error]:
            raise CommandError(f"Not applied: {', '.join(failed)}.")
