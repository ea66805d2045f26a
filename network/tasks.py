from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django_tasks import task

from network.emails import send_reminder
from network.models import Reminder, Structure
from network.verification import VERIFICATION_INTERVAL, claim_reminder, due_structures


@task()
def remind(structure_id: int) -> None:
    """Ask one structure to confirm its entry, unless it was asked or has confirmed meanwhile.

    The note of it and the message stand or fall together: a mail server that
    refuses leaves no note, and the next run tries again.
    """
    structure = Structure.objects.select_related("locale").filter(pk=structure_id).first()
    if structure is None or not structure.verified_on or not structure.email:
        return
    if structure.verified_on > timezone.localdate() - VERIFICATION_INTERVAL:
        return
    with transaction.atomic():
        if claim_reminder(structure):
            send_reminder(structure)


def remind_due() -> int:
    """Start a reminder for each entry that is due; return how many were started."""
    pks = list(
        due_structures(timezone.localdate())
        .exclude(
            Exists(
                Reminder.objects.filter(structure=OuterRef("pk"), due_since=OuterRef("verified_on"))
            )
        )
        .values_list("pk", flat=True)
    )
    for pk in pks:
        remind.enqueue(pk)
    return len(pks)
