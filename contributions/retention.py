"""How long what partners send is kept, and its deletion afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from contributions import lifecycle
from contributions.files import delete_files
from contributions.models import Contribution, ContributionFile, ContributionState, FileState
from contributions.models.files import QUARANTINE_FOLDER, quarantine
from core.files.storage import delete_unknown_files
from outbox.letters import erase_letters

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

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


OPEN_KEPT = timedelta(days=365)
"""What nobody has touched any more, without an end: who sent it, or all where nothing was made."""
OPEN = (
    ContributionState.RECEIVED,
    ContributionState.IN_REVIEW,
    ContributionState.CHANGES_REQUESTED,
    ContributionState.SCHEDULED,
)


def delete_orphan_files(before: datetime) -> int:
    """Delete the files of forms that were never sent."""
    orphans = list(ContributionFile.objects.filter(contribution=None, received_at__lt=before))
    delete_files(orphans)
    return len(orphans)


def delete_files_without_row(before: datetime) -> int:
    """Delete the files that a killed process stored without a row."""
    # The content of one that was refused is deleted as it is: what is left of it goes here.
    kept = ContributionFile.objects.exclude(state=FileState.REFUSED)
    known = set(kept.values_list("file", flat=True))
    return delete_unknown_files(quarantine(), QUARANTINE_FOLDER, known, before)


def delete_drafts(before: datetime) -> int:
    """Delete the drafts that their partners do not touch any more."""
    return delete_whole(
        Contribution.objects.filter(state=ContributionState.DRAFT, updated_at__lt=before)
    )


def delete_refused(before: datetime) -> int:
    """Delete what was rejected or withdrawn."""
    refused = (ContributionState.REJECTED, ContributionState.WITHDRAWN)
    return delete_whole(Contribution.objects.filter(state__in=refused, closed_at__lt=before))


def anonymise_published(before: datetime) -> int:
    """Erase who sent what was published or accepted."""
    published = (ContributionState.PUBLISHED, ContributionState.ACCEPTED)
    return sum(
        anonymise(each)
        for each in Contribution.objects.filter(
            state__in=published, closed_at__lt=before, is_anonymised=False
        )
    )


def delete_originals(before: datetime) -> int:
    """Delete the quarantined copies of files that were published."""
    originals = list(
        ContributionFile.objects.filter(
            contribution__state=ContributionState.PUBLISHED, contribution__closed_at__lt=before
        ).exclude(document=None, image=None)
    )
    delete_files(originals)
    return len(originals)


def delete_originals_of(contribution: Contribution) -> None:
    """Delete the quarantined files of a contribution."""
    delete_files(list(contribution.files.all()))


def end_untouched(before: datetime) -> int:
    """End open contributions where nothing has happened any more."""
    untouched = Contribution.objects.filter(
        state__in=OPEN, updated_at__lt=before, is_anonymised=False
    ).exclude(messages__created_at__gte=before)
    return sum(forget(each) for each in untouched)


def forget(contribution: Contribution) -> int:
    """Delete a contribution, or its sender alone where something was made of it; return 1."""
    is_kept = contribution.state in (ContributionState.PUBLISHED, ContributionState.ACCEPTED)
    if is_kept or contribution.live_draft() is not None:
        return anonymise(contribution)
    return delete_whole(Contribution.objects.filter(pk=contribution.pk))


def delete_whole(contributions: QuerySet[Contribution]) -> int:
    """Delete contributions, with their files; return how many."""
    count = 0
    for contribution in contributions:
        delete_files(list(contribution.files.all()))
        contribution.delete()
        count += 1
    return count


def anonymise(contribution: Contribution) -> int:
    """Erase the sender, the thread, the versions and the letters, and revoke links; return 1."""
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
    return 1
