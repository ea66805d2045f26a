from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from published.links.checking import check_links
from published.links.collecting import collect_links


class Command(BaseCommand):
    help = "Looks whether the links of what is public still lead somewhere, a few of them each run."

    def handle(self, **options: Any) -> None:
        self.stdout.write(f"addresses: {collect_links()}")
        for name, count in check_links().items():
            self.stdout.write(f"{name}: {count}")
