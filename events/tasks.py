"""E-mails in the background. Each can be run twice."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django_tasks import task

from events import emails
from events.models import EventKind, Registration, SentEmail
from events.queries import EVENT_KINDS
from events.retention import (
    NEEDS_RETENTION,
    REGISTRATION_RETENTION,
    UNCONFIRMED_RETENTION,
    delete_registrations,
    delete_unconfirmed,
    erase_needs,
)
from published.queries import items

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

logger = logging.getLogger(__name__)

State = Registration.State
Kind = SentEmail.Kind

FOLLOW_UP_PERIOD = timedelta(days=60)
"""For how long after a session its replay and documents are still worth an e-mail."""


# What 0.1.0 queued, for what still waits when it is upgraded. Kept until 0.3.0.


@task()
def send_letter(registration_id: int, kind: str, origin: str = "") -> None:
    """Send one e-mail of a registration, unless it was removed meanwhile."""
    registration = emails.registrations().filter(pk=registration_id).first()
    if registration is not None:
        emails.send(registration, emails.EMAILS[kind], origin)


@task()
def tell_of_change(session_id: int) -> None:
    """Notify those who are confirmed that the time, the place or the link has changed."""
    emails.notify_session_changed(session_id)


@task()
def tell_of_cancellation(session_id: int, reason: str) -> None:
    """Notify those confirmed or waiting that the session is cancelled."""
    emails.notify_session_cancelled(session_id, reason)


@task()
def write_to_all(session_id: int, subject: str, text: str, states: list[str]) -> None:
    """Send the organisers' message to those whose registration is in one of these states."""
    emails.send_organiser_message(session_id, subject, text, states)


@task()
def send_due_emails() -> None:
    """Send the reminders and follow-ups that are due, each once even if two tasks run."""
    now = timezone.now()
    for kind, rows in (
        (Kind.DAY_BEFORE, _to_remind(now, timedelta(0), timedelta(days=1))),
        (Kind.WEEK_BEFORE, _to_remind(now, timedelta(days=1), timedelta(days=7))),
        (Kind.FOLLOW_UP, _to_follow_up(now)),
    ):
        for registration in rows.exclude(sent_emails__kind=kind):
            send_once(registration, kind)


def send_once(registration: Registration, kind: SentEmail.Kind) -> bool:
    """Send an e-mail unless it was sent already: the row of it and the letter go together.

    Returns:
        Whether this call sent it.
    """
    try:
        with transaction.atomic():
            SentEmail.objects.create(registration=registration, kind=kind)
            emails.send(registration, emails.EMAILS[kind])
    except IntegrityError:
        return False
    except Exception:
        # The others must still be reminded.
        logger.exception("Could not write %s of registration %s", kind, registration.pk)
        return False
    return True


@task()
def purge_registrations() -> None:
    """End what is kept no longer, as 0.1.0 queued it; kept until 0.3.0."""
    now = timezone.now()
    erase_needs(now - NEEDS_RETENTION)
    delete_unconfirmed(now - UNCONFIRMED_RETENTION)
    delete_registrations(now - REGISTRATION_RETENTION)


def _to_remind(now: datetime, after: timedelta, before: timedelta) -> QuerySet[Registration]:
    """Return those confirmed whose session starts within a span of time.

    Those who confirmed within it have just had an e-mail with all there is to know.
    """
    return emails.registrations().filter(
        state=State.CONFIRMED,
        session__cancelled_at=None,
        session__page__in=items(*EVENT_KINDS).values("page"),
        session__starts_at__gt=now + after,
        session__starts_at__lte=now + before,
        confirmed_at__lt=F("session__starts_at") - before,
    )


def _to_follow_up(now: datetime) -> QuerySet[Registration]:
    """Return those confirmed for a session that is over and has left something."""
    has_documents = ~Q(detail__documents=[])
    has_replay = Q(kind=EventKind.WEBINAR) & ~Q(card__replay_url="")
    events = items(*EVENT_KINDS)
    with_more = Q(session__page__in=events.filter(has_documents | has_replay).values("page"))
    trainings = events.filter(kind=EventKind.TRAINING)
    with_certificate = Q(session__page__in=trainings.values("page"), has_attended=True)
    return emails.registrations().filter(
        with_more | with_certificate,
        state=State.CONFIRMED,
        session__cancelled_at=None,
        session__ends_at__lte=now,
        session__ends_at__gt=now - FOLLOW_UP_PERIOD,
    )
