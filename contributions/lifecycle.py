"""What may become of a contribution, who may do it, and what follows from it.

Every change of state goes through here: it is checked, written to the history
and told to the partner.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from wagtail.log_actions import log

from contributions.models import CLOSED, Contribution, Message, State
from contributions.tasks import send_letter

if TYPE_CHECKING:
    from core.models import User

S = State
MAY_FOLLOW: dict[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.RECEIVED, S.WITHDRAWN}),
    S.RECEIVED: frozenset(
        {S.RECEIVED, S.IN_REVIEW, S.CHANGES_REQUESTED, S.ACCEPTED, S.REJECTED, S.WITHDRAWN}
    ),
    S.IN_REVIEW: frozenset(
        {S.IN_REVIEW, S.CHANGES_REQUESTED, S.SCHEDULED, S.PUBLISHED, S.REJECTED, S.WITHDRAWN}
    ),
    S.CHANGES_REQUESTED: frozenset({S.RECEIVED, S.IN_REVIEW, S.ACCEPTED, S.REJECTED, S.WITHDRAWN}),
    S.SCHEDULED: frozenset(
        {S.PUBLISHED, S.IN_REVIEW, S.CHANGES_REQUESTED, S.REJECTED, S.WITHDRAWN}
    ),
    S.PUBLISHED: frozenset(),
    S.ACCEPTED: frozenset(),
    S.REJECTED: frozenset({S.RECEIVED}),
    S.WITHDRAWN: frozenset(),
}
AMENDABLE = frozenset({S.RECEIVED, S.CHANGES_REQUESTED})
"""What the partner may still change; afterwards the team asks for changes first."""


class NotNow(Exception):
    """A contribution is in a state that this may not follow."""

    def __init__(self, contribution: Contribution, to: str) -> None:
        super().__init__(
            _("Cette contribution est à l'état « %(state)s » : ce n'est plus possible.")
            % {"state": contribution.get_state_display()}
        )
        self.to = to


@transaction.atomic
def move(
    contribution: Contribution,
    to: State,
    *,
    user: User | None = None,
    message: str = "",
    is_from_partner: bool = False,
    is_told: bool = True,
) -> Contribution:
    """Take a contribution to its next state.

    Args:
        contribution: as the caller has it; it is read again, under a lock.
        to: the next state.
        user: who of the team does it.
        message: goes into the thread, and into the letter.
        is_from_partner: the partner does it.
        is_told: whether the partner gets a letter.

    Returns:
        The contribution as it is now.

    Raises:
        NotNow: it is in a state that this may not follow.
    """
    found = Contribution.objects.select_for_update().get(pk=contribution.pk)
    if to not in MAY_FOLLOW[found.state]:
        raise NotNow(found, to)
    before, now = found.state, timezone.now()
    found.state = to
    found.closed_at = now if to in CLOSED else None
    found.waiting_since, found.reminded_at = now, None
    found.save(update_fields=["state", "closed_at", "waiting_since", "reminded_at", "updated_at"])
    if message:
        author = Message.Author.PARTNER if is_from_partner else Message.Author.TEAM
        Message.objects.create(contribution=found, author=author, user=user, text=message)
    record(found, to, user=user, before=before)
    if is_told:
        tell(found, str(to), message)
    return found


def record(contribution: Contribution, what: str, user: User | None = None, **data: Any) -> None:
    """Write to the history: who, when, what; nothing of what the partner said."""
    log(instance=contribution, action=f"contributions.{what}", user=user, data=data)


def tell(contribution: Contribution, letter: str, message: str = "") -> None:
    """Write to the partner once this is committed."""
    if contribution.email:
        transaction.on_commit(lambda: send_letter.enqueue(contribution.pk, letter, message))


@transaction.atomic
def write_message(
    contribution: Contribution, text: str, author: Message.Author, user: User | None = None
) -> Message:
    """Add to the thread; what the team says to the partner is mailed, what the partner says too."""
    message = Message.objects.create(contribution=contribution, author=author, user=user, text=text)
    record(contribution, "note" if author == Message.Author.NOTE else "message", user=user)
    if author == Message.Author.TEAM:
        tell(contribution, "message", text)
    elif author == Message.Author.PARTNER:
        transaction.on_commit(lambda: send_letter.enqueue(contribution.pk, "team_message", text))
    return message


@transaction.atomic
def assign(contribution: Contribution, to: User | None, user: User) -> None:
    """Say who follows a contribution."""
    contribution.assignee = to
    contribution.save(update_fields=["assignee", "updated_at"])
    record(contribution, "assign", user=user, assignee=to.pk if to else None)


@transaction.atomic
def revoke_links(contribution: Contribution, user: User) -> None:
    """Turn off every follow-up link that was sent, and send a new one."""
    contribution.token_version += 1
    contribution.save(update_fields=["token_version", "updated_at"])
    record(contribution, "revoke", user=user)
    tell(contribution, "new_link")
