"""The sessions of an account: how long they last, which there are, and how they end."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.sessions.backends.base import SessionBase
    from django.db.models import QuerySet

    from core.models import User

BEGAN_AT, SEEN_AT = "began_at", "seen_at"
SEEN_EVERY_SECONDS = 60
"""How often what is done with a session is written down."""


def seconds_left(session: SessionBase) -> float:
    """Return in how many seconds a session ends, if nothing is done with it."""
    now = time.time()
    began, seen = session.get(BEGAN_AT, now), session.get(SEEN_AT, now)
    ends = min(began + settings.SESSION_COOKIE_AGE, seen + settings.SESSION_IDLE_SECONDS)
    return float(ends - now)


def begin(session: SessionBase) -> None:
    """Have a session begin now."""
    session[BEGAN_AT] = session[SEEN_AT] = int(time.time())


def touch(session: SessionBase) -> None:
    """Write that something was done with a session."""
    now = int(time.time())
    if BEGAN_AT not in session:
        # One of before sessions had an end.
        begin(session)
    elif now - session[SEEN_AT] >= SEEN_EVERY_SECONDS:
        session[SEEN_AT] = now
        UserSession.objects.filter(session_key=session.session_key).update(
            last_seen_at=timezone.now()
        )


def sessions_of(user: User) -> QuerySet[UserSession]:
    """Return the sessions of an account that go on, the last used first."""
    idle = timezone.now() - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    rows = UserSession.objects.filter(_goes_on(timezone.now()), user=user, last_seen_at__gt=idle)
    return rows.order_by("-last_seen_at", "-pk")


def end_sessions(user: User, but: str | None = None) -> int:
    """End the sessions of an account, and return how many.

    Args:
        user: whose they are.
        but: the key of the session that goes on.
    """
    rows = UserSession.objects.filter(user=user).exclude(session_key=but or "")
    return _end(rows)


def end_session(user: User, pk: int) -> int:
    """End one session of an account."""
    return _end(UserSession.objects.filter(user=user, pk=pk))


def _end(rows: QuerySet[UserSession]) -> int:
    with transaction.atomic():
        keys = list(rows.values_list("session_key", flat=True))
        Session.objects.filter(session_key__in=keys).delete()
        rows.delete()
    return len(keys)


def purge_ended(before: datetime) -> int:
    """Forget from where people were signed in, in sessions that ended before a moment.

    Return how many.
    """
    gone: Any = UserSession.objects.filter(~_goes_on(before))
    return int(gone.delete()[0])


def _goes_on(moment: datetime) -> Exists:
    return Exists(
        Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=moment)
    )
