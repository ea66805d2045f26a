from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from core.throttling import purge_request_counts


class Command(BaseCommand):
    help = "Forget how often addresses of the network sent forms, once it no longer counts."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{purge_request_counts(timezone.now())} forgotten")
