"""The states of a contribution: which may follow which, and what follows from each change.

The only module that changes a state (:class:`contributions.models.StateField` refuses it
elsewhere): each change is checked, logged, and announced to the partner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override
from wagtail.log_actions import log

from contributions.emails import send_contribution_email
from contributions.files import rejection_message
from contributions.inspection import FileRejected
from contributions.models import CLOSED, Contribution, ContributionState, FileState, Message
from review.provenance import suspend_review

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.models import User

ALLOWED_TRANSITIONS: dict[str, frozenset[ContributionState]] = {
    ContributionState.DRAFT: frozenset({ContributionState.RECEIVED, ContributionState.WITHDRAWN}),
    ContributionState.RECEIVED: frozenset(
        {
            ContributionState.RECEIVED,
            ContributionState.IN_REVIEW,
            ContributionState.CHANGES_REQUESTED,
            ContributionState.ACCEPTED,
            ContributionState.REJECTED,
            ContributionState.WITHDRAWN,
        }
    ),
    ContributionState.IN_REVIEW: frozenset(
        {
            ContributionState.IN_REVIEW,
            ContributionState.CHANGES_REQUESTED,
            ContributionState.SCHEDULED,
            ContributionState.PUBLISHED,
            ContributionState.REJECTED,
            ContributionState.WITHDRAWN,
        }
    ),
    ContributionState.CHANGES_REQUESTED: frozenset(
        {
            ContributionState.RECEIVED,
            ContributionState.IN_REVIEW,
            ContributionState.ACCEPTED,
            ContributionState.REJECTED,
            ContributionState.WITHDRAWN,
        }
    ),
    ContributionState.SCHEDULED: frozenset(
        {
            ContributionState.PUBLISHED,
            ContributionState.IN_REVIEW,
            ContributionState.CHANGES_REQUESTED,
            ContributionState.REJECTED,
            ContributionState.WITHDRAWN,
        }
    ),
    ContributionState.PUBLISHED: frozenset(),
    ContributionState.ACCEPTED: frozenset(),
    ContributionState.REJECTED: frozenset({ContributionState.RECEIVED}),
    ContributionState.WITHDRAWN: frozenset(),
}
AMENDABLE = frozenset({ContributionState.RECEIVED, ContributionState.CHANGES_REQUESTED})
"""What was sent and its partner may still amend; afterwards the team requests changes first."""
PARTNER_EDITABLE = AMENDABLE | {ContributionState.DRAFT}


REVIEWED = frozenset(
    {ContributionState.IN_REVIEW, ContributionState.SCHEDULED, ContributionState.PUBLISHED}
)
"""Where approvals of its draft count."""


class InvalidTransition(Exception):
    """A contribution is in a state that the new one may not follow."""

    def __init__(self, contribution: Contribution, to: ContributionState) -> None:
        super().__init__(
            _("Cette contribution est à l'état « %(state)s » : ce n'est plus possible.")
            % {"state": contribution.get_state_display()}
        )
        self.to = to


def explain_state(contribution: Contribution) -> str:
    """Return why something is not possible in the state of a contribution."""
    return str(
        _("Cette contribution est à l'état « %(state)s » : ce n'est plus possible.")
        % {"state": contribution.get_state_display()}
    )


def initial_state(is_draft: bool) -> ContributionState:
    """Return the state of a new contribution."""
    return ContributionState.DRAFT if is_draft else ContributionState.RECEIVED


def can_transition(contribution: Contribution, to: ContributionState) -> bool:
    """Return whether a state may follow that of a contribution."""
    return to in ALLOWED_TRANSITIONS[contribution.state]


def can_amend(contribution: Contribution) -> bool:
    """Return whether the partner may still change a contribution."""
    return contribution.state in PARTNER_EDITABLE


@transaction.atomic
def transition(
    contribution: Contribution,
    to: ContributionState,
    *,
    user: User | None = None,
    message: str = "",
    is_from_partner: bool = False,
    is_notified: bool = True,
) -> Contribution:
    """Change the state of a contribution, log it, and notify the partner.

    Args:
        contribution: as the caller has it; it is read again, under a lock.
        to: the new state.
        user: who of the team does it.
        message: goes into the thread, and into the e-mail.
        is_from_partner: the partner does it.
        is_notified: whether the partner gets an e-mail.

    Returns:
        The contribution as it is now.

    Raises:
        InvalidTransition: it is in a state that the new one may not follow.
    """
    found = Contribution.objects.select_for_update().get(pk=contribution.pk)
    if not can_transition(found, to):
        raise InvalidTransition(found, to)
    before, now = found.state, timezone.now()
    # Not by assignment, which the field refuses: this is the one place that may.
    vars(found)["state"] = to
    found.closed_at = now if to in CLOSED else None
    found.waiting_since, found.reminded_at = now, None
    found.save(update_fields=["state", "closed_at", "waiting_since", "reminded_at", "updated_at"])
    draft = found.live_draft()
    if draft is not None:
        suspend_review(draft, to not in REVIEWED)
    if message:
        author = Message.Author.PARTNER if is_from_partner else Message.Author.TEAM
        Message.objects.create(contribution=found, author=author, user=user, text=message)
    log_event(found, to, user=user, before=before)
    if is_notified:
        notify_partner(found, to, message)
    return found


def log_event(
    contribution: Contribution, event: str, user: User | None = None, **data: str | int | None
) -> None:
    """Log who did what and when; nothing of what the partner wrote."""
    log(instance=contribution, action=f"contributions.{event}", user=user, data=data)


def notify_partner(contribution: Contribution, letter: str, message: str = "") -> None:
    """Send an e-mail to the partner, in the transaction of what it announces."""
    if contribution.email:
        send_contribution_email(contribution, letter, message)


def notify_team(contribution: Contribution, letter: str, message: str = "") -> None:
    """Send an e-mail to the team, in the transaction of what it announces."""
    send_contribution_email(contribution, letter, message)


def know_address(contribution: Contribution) -> None:
    """Note that somebody acted by the link that its address alone got."""
    if contribution.address_known_at is None:
        contribution.address_known_at = timezone.now()
        contribution.save(update_fields=["address_known_at"])


def announce_new_address(contribution: Contribution, old: str) -> None:
    """Write to the address that a contribution had of its new one, and ask that one anew."""
    if old:
        send_contribution_email(contribution, "address_changed", address=old)
    contribution.address_known_at = None
    contribution.save(update_fields=["address_known_at"])


@transaction.atomic
def announce_refusals(contribution: Contribution) -> None:
    """Write to the partner of the files that were refused since they were received, once of each.

    One letter for all: not before the last one was inspected. Not of a draft, which its partner
    sees before sending it, nor of what is closed.
    """
    if contribution.state == ContributionState.DRAFT:
        return
    # Where the last two are inspected at once, the second finds both.
    Contribution.objects.select_for_update().get(pk=contribution.pk)
    refused = contribution.files.filter(state=FileState.REFUSED, announced_at=None)
    if contribution.files.filter(state=FileState.CHECKING).exists() or not refused:
        return
    with override(contribution.language):
        # Nor are the names of files, which a stranger chose, written to who has confirmed nothing.
        names = contribution.has_known_address
        reasons = [
            rejection_message(FileRejected(each.refusal, each.name if names else ""))
            for each in refused
        ]
    refused.update(announced_at=timezone.now())
    if not contribution.is_closed:
        notify_partner(contribution, "file_refused", "\n".join(reasons))


@transaction.atomic
def add_message(
    contribution: Contribution, text: str, author: Message.Author, user: User | None = None
) -> Message:
    """Add a message to the thread, and send it unless it is a note."""
    message = Message.objects.create(contribution=contribution, author=author, user=user, text=text)
    log_event(contribution, "note" if author == Message.Author.NOTE else "message", user=user)
    if author == Message.Author.TEAM:
        notify_partner(contribution, "message", text)
    elif author == Message.Author.PARTNER:
        notify_team(contribution, "team_message", text)
    return message


def open_contributions_of(user: User) -> QuerySet[Contribution]:
    """Return the contributions that somebody follows, and that are not closed."""
    return Contribution.objects.filter(assignee=user).exclude(state__in=CLOSED)


@transaction.atomic
def assign(contribution: Contribution, to: User | None, user: User) -> None:
    """Assign a contribution to a member of the team, or to nobody."""
    contribution.assignee = to
    contribution.save(update_fields=["assignee", "updated_at"])
    log_event(contribution, "assign", user=user, assignee=to.pk if to else None)


@transaction.atomic
def revoke_links(contribution: Contribution, user: User) -> None:
    """Revoke every follow-up link that was sent, and send a new one."""
    contribution.token_version += 1
    contribution.save(update_fields=["token_version", "updated_at"])
    log_event(contribution, "revoke", user=user)
    notify_partner(contribution, "new_link")
