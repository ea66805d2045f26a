"""Wagtail's command, in which one refusal does not stop what comes after it."""

from __future__ import annotations

import logging
from typing import Any

from django.utils import timezone
from wagtail.management.commands.publish_scheduled import Command as WagtailCommand
from wagtail.models import Revision

from published.admission import AdmissionRefused
from published.rebuilding import withdraw_dead
from review.actors import acting

logger = logging.getLogger(__name__)


class Command(WagtailCommand):
    help = "Publishes and unpublishes what is scheduled."

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish what is due, each by itself, then unpublish what has expired."""
        if not options["dryrun"]:
            with acting(system="schedule"):
                publish_due()
        super().handle(*args, **options)
        if not options["dryrun"]:
            withdraw_dead()


def publish_due() -> None:
    """Publish every revision whose time has come; one that is refused waits no more."""
    due = Revision.objects.filter(approved_go_live_at__lt=timezone.now())
    for revision in due.order_by("approved_go_live_at"):
        try:
            revision.publish(log_action="wagtail.publish.scheduled")
        except AdmissionRefused as refused:
            Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
            logger.warning("Scheduled, and not published: %s. %s", revision.object_str, refused)
