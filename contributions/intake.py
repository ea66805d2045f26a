"""Take a contribution in: the one way, for the form, the API and the accounts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import get_language

from contributions import lifecycle
from contributions.files import delete_files
from contributions.kinds import TAKES_FILES
from contributions.models import (
    Contribution,
    ContributionFile,
    ContributionState,
    FileState,
    Version,
)
from contributions.submissions import store_submission
from contributions.verification import verify_file

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

    from contributions.submissions import Submission
    from core.models import User


def submit_contribution(
    submission: Submission,
    session: uuid.UUID,
    origin: Contribution.Origin,
    account: User | None = None,
) -> Contribution:
    """Create a contribution with the files that its session received.

    E-mails to the partner are in the language that is active. Sent twice, it is
    one contribution: the second time returns the first.

    Args:
        submission: of a valid form.
        session: the form that was being filled in.
        origin: which way it came.
        account: the partner who is signed in, if any.
    """
    try:
        with transaction.atomic():
            return _create(submission, session, origin, account)
    except IntegrityError:
        return Contribution.objects.get(session=session)


def _create(
    submission: Submission,
    session: uuid.UUID,
    origin: Contribution.Origin,
    account: User | None,
) -> Contribution:
    now = timezone.now()
    contribution = Contribution(
        kind=submission.kind,
        session=session,
        origin=origin,
        account=account,
        language=get_language() or settings.LANGUAGE_CODE,
        state=lifecycle.initial_state(submission.is_draft),
        received_at=now,
        waiting_since=now,
    )
    store_submission(contribution, submission)
    contribution.save(force_insert=True)
    attach_files(contribution, session)
    lifecycle.log_event(contribution, contribution.state, user=account, origin=origin)
    if not submission.is_draft:
        _announce(contribution)
    return contribution


def _announce(contribution: Contribution) -> None:
    lifecycle.notify_partner(contribution, "received")
    lifecycle.notify_team(contribution, "team_received")


def attach_files(contribution: Contribution, session: uuid.UUID) -> None:
    """Attach the files that a form received, and have those scanned that were not yet."""
    if contribution.kind not in TAKES_FILES:
        return
    files = ContributionFile.objects.filter(session=session, contribution=None)
    keys = list(files.values_list("pk", flat=True))
    files.update(contribution=contribution)
    # One in verification has its task.
    for key in ContributionFile.objects.filter(
        pk__in=keys, state__in=(FileState.RECEIVED, FileState.QUARANTINED)
    ).values_list("pk", flat=True):
        transaction.on_commit(partial(verify_file.enqueue, key))
    # Since the form was checked.
    lifecycle.announce_refusals(contribution)


@transaction.atomic
def amend_contribution(
    contribution: Contribution,
    submission: Submission,
    *,
    removed: Sequence[uuid.UUID] = (),
    message: str = "",
    user: User | None = None,
) -> Contribution:
    """Replace the content of a contribution, keeping the earlier one as a version.

    Args:
        contribution: which the partner may still change.
        submission: of a valid form; a draft that is sent is no draft any more.
        removed: identifiers of files to delete.
        message: to the team.
        user: the partner who is signed in, if any.

    Raises:
        InvalidTransition: the team has it in hand.
    """
    found = Contribution.objects.select_for_update().get(pk=contribution.pk)
    was_draft = found.state == ContributionState.DRAFT
    if not lifecycle.can_amend(found) or (submission.is_draft and not was_draft):
        raise lifecycle.InvalidTransition(found, ContributionState.RECEIVED)
    if not was_draft:
        Version.objects.create(contribution=found, content=snapshot(found))
    old_address = found.email
    store_submission(found, submission)
    if found.email != old_address and not was_draft:
        lifecycle.announce_new_address(found, old_address)
    if was_draft and not submission.is_draft:
        found.received_at = timezone.now()
    found.save()
    if removed:
        delete_files(list(found.files.filter(uuid__in=removed, document=None, image=None)))
    # Their partner has seen them, and has done about them what was to be done.
    delete_files(list(found.files.filter(state=FileState.REFUSED)))
    attach_files(found, found.session)
    if submission.is_draft:
        return found
    found = lifecycle.transition(
        found,
        ContributionState.RECEIVED,
        user=user,
        message=message,
        is_from_partner=True,
        is_notified=False,
    )
    if was_draft:
        _announce(found)
    else:
        lifecycle.notify_partner(found, "amended")
        lifecycle.notify_team(found, "team_amended", message)
    return found


def snapshot(contribution: Contribution) -> dict[str, Any]:
    """Return the content of a contribution, as a version keeps it."""
    return {
        "title": contribution.title,
        "text": contribution.text,
        "link": contribution.link,
        "answers": contribution.answers,
        "files": list(contribution.files.values_list("name", flat=True)),
    }
