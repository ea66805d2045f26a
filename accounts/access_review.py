"""The review of who has access, once a year."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import DateTimeField, F, Max
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone
from wagtail.log_actions import log

from accounts.models import AccessReview
from core.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet

REVIEWED = "accounts.access_reviewed"
INTERVAL = timedelta(days=365)


def with_last_review(accounts: QuerySet[User]) -> QuerySet[Any]:
    """Add ``reviewed_at``: the last review of each account, or the day on which it was made."""
    last = Max("access_reviews__at", output_field=DateTimeField())
    found = Greatest(Coalesce(last, F("date_joined")), F("date_joined"))
    return accounts.annotate(reviewed_at=found)


def to_review() -> QuerySet[Any]:
    """Return the accounts whose access was looked at a year ago or more, the oldest first."""
    accounts = with_last_review(User.objects.filter(is_active=True))
    due = accounts.filter(reviewed_at__lte=timezone.now() - INTERVAL)
    return due.order_by("reviewed_at", "pk").prefetch_related("groups", "user_permissions")


def record_review(account: User, by: User) -> None:
    """Write that somebody looked at an account, and left it its access."""
    with transaction.atomic():
        AccessReview.objects.create(account=account, by=by)
        log(account, REVIEWED, user=by)
