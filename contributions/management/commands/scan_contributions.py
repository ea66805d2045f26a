from typing import Any

from django.core.management.base import BaseCommand

from contributions.models import ContributionFile, FileState
from contributions.scanning import is_configured, scan


class Command(BaseCommand):
    help = "Scan the files that wait in quarantine for the antivirus."

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_configured():
            self.stdout.write("No antivirus is configured (CLAMD_URL).")
            return
        states = (FileState.RECEIVED, FileState.SCANNING, FileState.QUARANTINED)
        for file in ContributionFile.objects.filter(state__in=states).exclude(contribution=None):
            self.stdout.write(f"{file.pk}: {scan(file)}")
