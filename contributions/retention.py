"""How long what partners send is kept, and its deletion afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from contributions import lifecycle
from contributions.files import delete_files
from contributions.models import Contribution, ContributionFile, ContributionState, FileState
from contributions.models.files import QUARANTINE_FOLDER, quarantine
from core.files.storage import delete_unknown_files
from outbox.letters import erase_letters

if TYPE_CHECKING:
    import datetime as dt

ORPHAN_FILES_KEPT = timedelta(hours=24)
"""Files of a form that was never sent."""
DRAFTS_KEPT = timedelta(days=180)
"""A draft that its partner does not touch any more."""
REFUSED_KEPT = timedelta(days=180)
"""What was rejected or withdrawn: all of it."""
PUBLISHED_KEPT = timedelta(days=365)
"""What was published or accepted: who sent it, and the thread. What was published stays."""
ORIGINALS_KEPT = timedelta(days=30)
"""The quarantined copies of files that are in the library by now."""


@transaction.atomic
def apply_retention(now: dt.datetime | None = None) -> dict[str, int]:
    """Delete what has been kept long enough; running it twice is harmless.

    Returns:
        How many of each were deleted.
    """
    now = now or timezone.now()
    orphans = list(
        ContributionFile.objects.filter(contribution=None, received_at__lt=now - ORPHAN_FILES_KEPT)
    )
    delete_files(orphans)
    # The content of one that was refused is deleted as it is: what is left of it goes here.
    kept = ContributionFile.objects.exclude(state=FileState.REFUSED)
    unknown = delete_unknown_files(
        quarantine(),
        QUARANTINE_FOLDER,
        set(kept.values_list("file", flat=True)),
        now - ORPHAN_FILES_KEPT,
    )
    gone = Contribution.objects.filter(
        state__in=(ContributionState.REJECTED, ContributionState.WITHDRAWN),
        closed_at__lt=now - REFUSED_KEPT,
    ) | Contribution.objects.filter(state=ContributionState.DRAFT, updated_at__lt=now - DRAFTS_KEPT)
    count = 0
    for contribution in gone:
        delete_files(list(contribution.files.all()))
        contribution.delete()
        count += 1
    anonymised = 0
    for contribution in Contribution.objects.filter(
        state__in=(ContributionState.PUBLISHED, ContributionState.ACCEPTED),
        closed_at__lt=now - PUBLISHED_KEPT,
        is_anonymised=False,
    ):
        anonymise(contribution)
        anonymised += 1
    originals = list(
        ContributionFile.objects.filter(
            contribution__state=ContributionState.PUBLISHED,
            contribution__closed_at__lt=now - ORIGINALS_KEPT,
        ).exclude(document=None, image=None)
    )
    delete_files(originals)
    return {
        "orphans": len(orphans),
        "files without a row": unknown,
        "contributions": count,
        "anonymised": anonymised,
        "originals": len(originals),
    }


def anonymise(contribution: Contribution) -> None:
    """Erase the sender, the thread, the versions and the letters, and revoke the links."""
    contribution.person_name = contribution.email = contribution.role = ""
    contribution.structure_name = ""
    contribution.structure_type = contribution.account = None
    contribution.answers = {}
    if contribution.state == ContributionState.ACCEPTED:
        # Nothing of it is published.
        contribution.text = contribution.link = ""
    contribution.is_anonymised = True
    contribution.token_version += 1
    contribution.save()
    contribution.messages.all().delete()
    contribution.versions.all().delete()
    erase_letters(contribution)
    lifecycle.log_event(contribution, "anonymise")
