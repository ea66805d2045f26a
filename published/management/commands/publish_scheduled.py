"""Wagtail's command, in which one refusal does not stop what comes after it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import transaction
from django.utils import timezone
from wagtail.management.commands.publish_scheduled import Command as WagtailCommand
from wagtail.models import DraftStateMixin, Page, Revision

from background.locks import exclusively
from published.admission import AdmissionRefused
from published.rebuilding import withdraw_dead
from review.actors import acting

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)


class Command(WagtailCommand):
    help = "Publishes and unpublishes what is scheduled."

    def handle(self, *args: Any, **options: Any) -> None:
        """Publish what is due, each by itself, then unpublish what has expired.

        Wagtail's own would do both again where two of these run at the same time.
        """
        if options["dryrun"]:
            super().handle(*args, **options)
            return
        with acting(system="schedule"):
            publish_due()
        unpublish_expired()
        withdraw_dead()


def publish_due() -> None:
    """Publish every revision whose time has come; one that is refused waits no more."""
    due = Revision.objects.filter(approved_go_live_at__lt=timezone.now())
    each_once(due.order_by("approved_go_live_at"), publish)


def publish(revision: Revision) -> None:
    """Publish a revision, or have it wait no more where it is refused."""
    try:
        with transaction.atomic():
            revision.publish(log_action="wagtail.publish.scheduled")
    except AdmissionRefused as refused:
        Revision.objects.filter(pk=revision.pk).update(approved_go_live_at=None)
        logger.warning("Scheduled, and not published: %s. %s", revision.object_str, refused)


def unpublish_expired() -> None:
    """Unpublish everything whose time is over."""
    others = (model for model in apps.get_models() if issubclass(model, DraftStateMixin))
    for model in (Page, *(model for model in others if not issubclass(model, Page))):
        expired = model.objects.filter(live=True, expire_at__lt=timezone.now())
        each_once(
            expired.order_by("expire_at"),
            lambda thing: thing.unpublish(
                set_expired=True, log_action="wagtail.unpublish.scheduled"
            ),
        )


def each_once(rows: QuerySet[Any], act: Callable[[Any], object]) -> None:
    """Do something with each of some rows, unless another process did it a moment ago.

    A row with which it fails is logged, and done again by the next run.
    """
    for pk in list(rows.values_list("pk", flat=True)):
        with exclusively("publish_scheduled"):
            row = rows.filter(pk=pk).first()
            if row is None:
                continue
            try:
                with transaction.atomic():
                    act(row)
            except Exception:
                logger.exception("Scheduled, and failed: %s %s", rows.model.__name__, pk)
