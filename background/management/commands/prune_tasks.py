from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from background.models import Beat

DONE = timedelta(days=1)
FAILED = timedelta(days=14)


class Command(BaseCommand):
    help = "Forget the tasks that were done a day ago, and those given up two weeks ago."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        done = DBTaskResult.objects.successful().filter(finished_at__lt=now - DONE).delete()[0]
        failed = DBTaskResult.objects.failed().filter(finished_at__lt=now - FAILED).delete()[0]
        Beat.objects.filter(seen_at__lt=now - DONE).delete()
        self.stdout.write(f"{done} done, {failed} failed")
