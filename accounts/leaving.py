"""The end of an account: what it could still do ends, and its work is handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from wagtail.log_actions import log
from wagtail.models import APIToken

from accounts.sessions import end_sessions
from core.handover import hand_over

if TYPE_CHECKING:
    from core.models import User

LEFT = "accounts.left"


def end_access(user: User) -> None:
    """End the sessions of an account, and revoke its tokens: it gets none back with its rights."""
    end_sessions(user)
    tokens = APIToken.objects.filter(user=user, revoked_at__isnull=True)
    tokens.update(revoked_at=timezone.now())


def leave(user: User, by: User, successor: User | None) -> int:
    """Close the account of somebody who leaves, and return how much work was handed over.

    The account stays, without access: the ledger and the history name who did what.

    Args:
        user: who leaves.
        by: who closes the account.
        successor: who gets the work that waits for them; without one, it waits for nobody.
    """
    with transaction.atomic():
        count = hand_over(user, successor, by)
        user.is_active = False
        user.save(update_fields=["is_active"])
        log(user, LEFT, user=by)
    return count
