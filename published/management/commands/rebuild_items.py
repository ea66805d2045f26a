from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from published.rebuilding import rebuild_items, withdraw_dead


class Command(BaseCommand):
    help = "Builds anew what the public reads, from what was admitted; the site stays online."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"{withdraw_dead()} withdrawn, {rebuild_items()} built anew.")
