"""The e-mails of a registration: what each holds, and when it has a calendar.

Their texts are the templates of ``emails/events/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import get_language, override

from core.mail import (
    Attachment,
    Reader,
    RenderedEmail,
    register_emails,
    render_email,
    send_email,
)
from core.web.links import build_absolute_url, email_base_url
from core.web.signed_links import LinkPurpose, shown_path, signed_path
from events.calendars import CONTENT_TYPE, location_of, write_calendar
from events.models.registrations import Registration
from events.queries import event_link
from events.schemas import format_when
from events.tokens import CANCEL, CERTIFICATE, CONFIRM, TAKE_PART
from published.composing import Reading, compose_value
from published.models import Item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from core.schemas import Link
    from events.models.sessions import Session

State = Registration.State


@dataclass(frozen=True)
class EmailContent:
    """An e-mail of a registration, before it is rendered."""

    template: str
    context: dict[str, Any]
    has_calendar: bool = False
    is_reminder: bool = False


class SessionParts:
    """What the e-mails about one session share in a language, made once for all of its people.

    Args:
        session: with its page.
        origin: what links start with.
    """

    def __init__(self, session: Session, origin: str) -> None:
        self.session, self.origin = session, origin
        self._events: dict[str | None, Link] = {}
        self._calendars: dict[str | None, Attachment] = {}

    @property
    def event(self) -> Link:
        """The link to the event, in the active language."""
        language = get_language()
        if language not in self._events:
            self._events[language] = event_link(self.session, self.origin)
        return self._events[language]

    @property
    def calendar(self) -> Attachment:
        """The session as a calendar, in the active language."""
        language = get_language()
        if language not in self._calendars:
            join_url = self.session.join_url
            calendar = write_calendar([self.session], self.origin, join_url=join_url)
            self._calendars[language] = Attachment("session.ics", calendar.decode(), CONTENT_TYPE)
        return self._calendars[language]


class RegistrationEmails:
    """Builds the e-mails of one registration, in the active language.

    Args:
        registration: of one person.
        parts: of its session.
    """

    def __init__(self, registration: Registration, parts: SessionParts) -> None:
        self.registration = registration
        self.session, self.origin = parts.session, parts.origin
        self.event = parts.event

    @property
    def _is_confirmed(self) -> bool:
        """Whether the address was confirmed, or given to the team: not only typed by a stranger."""
        found = self.registration
        return bool(
            found.state in {State.CONFIRMED, State.WAITING} or found.confirmed_at or found.queued_at
        )

    def _content(
        self,
        template: str,
        *,
        has_calendar: bool = False,
        is_reminder: bool = False,
        **context: Any,
    ) -> EmailContent:
        return EmailContent(
            f"events/{template}",
            {
                "name": self.registration.name if self._is_confirmed else "",
                "title": self.event.title,
                "when": format_when(self.session.starts_at, self.session.ends_at),
                "where": location_of(self.session),
                "origin": self.origin,
                "has_calendar": has_calendar,
                **context,
            },
            has_calendar,
            is_reminder,
        )

    def _signed_url(self, purpose: LinkPurpose[UUID]) -> str:
        return build_absolute_url(signed_path(purpose, self.registration.uuid), self.origin)

    def _to_come(self) -> dict[str, Any]:
        """Return what those who have a seat need: only they may know where to join."""
        return {
            "join_url": self.session.join_url,
            "take_part_url": self._signed_url(TAKE_PART),
            "cancel_url": self._signed_url(CANCEL),
        }

    def confirm(self) -> EmailContent:
        """Build the request to confirm the registration."""
        return self._content("confirm", confirm_url=self._signed_url(CONFIRM))

    def already(self) -> EmailContent:
        """Answer a second request that one is enough."""
        if self.registration.state == State.WAITING:
            return self._content("already", is_waiting=True, cancel_url=self._signed_url(CANCEL))
        return self._content("already", is_waiting=False, **self._to_come())

    def confirmed(self) -> EmailContent:
        """Confirm the seat, with how to come."""
        return self._content("confirmed", has_calendar=True, **self._to_come())

    def waiting(self) -> EmailContent:
        """Announce a place in the waiting list."""
        return self._content("waiting", cancel_url=self._signed_url(CANCEL))

    def promoted(self) -> EmailContent:
        """Announce a seat that has become free."""
        return self._content("promoted", has_calendar=True, **self._to_come())

    def address_changed(self) -> EmailContent:
        """Notify the address from which a registration was taken that it was."""
        return self._content("address_changed", page_url=self.event.html_url)

    def cancelled(self) -> EmailContent:
        """Confirm that the person is not expected any more."""
        return self._content("cancelled", page_url=self.event.html_url)

    def session_cancelled(self, reason: str = "") -> EmailContent:
        """Announce that the session does not take place."""
        was_coming = self.registration.state == State.CONFIRMED
        return self._content(
            "session_cancelled",
            has_calendar=was_coming,
            reason=reason,
            page_url=self.event.html_url,
        )

    def changed(self) -> EmailContent:
        """Announce another time, place or link."""
        return self._content("changed", has_calendar=True, **self._to_come())

    def week_before(self) -> EmailContent:
        """Remind a week before."""
        return self._content("week_before", is_reminder=True, **self._to_come())

    def day_before(self) -> EmailContent:
        """Remind on the eve."""
        return self._content("day_before", is_reminder=True, **self._to_come())

    def follow_up(self) -> EmailContent:
        """Send what remains: the replay, the documents, the certificate."""
        item = Item.objects.filter(page=self.session.page_id).first()
        files = item.detail["documents"] if item else []
        has_attended = self.registration.has_attended
        return self._content(
            "follow_up",
            replay_url=item.card.get("replay_url", "") if item else "",
            page_url=self.event.html_url,
            documents=compose_value(files, Reading(self.origin)),
            certificate_url=self._signed_url(CERTIFICATE) if has_attended else "",
        )

    def message(self, subject: str, text: str) -> EmailContent:
        """Send what the organisers wrote."""
        return self._content(
            "message",
            message_subject=subject,
            message=text,
            take_part_url=self._signed_url(TAKE_PART),
            cancel_url=self._signed_url(CANCEL),
        )


class PreviewEmails(RegistrationEmails):
    """The same with no link that works: those links act for the person."""

    def _signed_url(self, purpose: LinkPurpose[UUID]) -> str:
        return build_absolute_url(shown_path(purpose), self.origin)


EMAILS: dict[str, Callable[[RegistrationEmails], EmailContent]] = {
    "confirm": RegistrationEmails.confirm,
    "already": RegistrationEmails.already,
    "address_changed": RegistrationEmails.address_changed,
    "confirmed": RegistrationEmails.confirmed,
    "waiting": RegistrationEmails.waiting,
    "promoted": RegistrationEmails.promoted,
    "cancelled": RegistrationEmails.cancelled,
    "changed": RegistrationEmails.changed,
    "week_before": RegistrationEmails.week_before,
    "day_before": RegistrationEmails.day_before,
    "follow_up": RegistrationEmails.follow_up,
}


register_emails("events/confirm", reader=Reader.ANYONE, is_asked_for=True)
register_emails("events/already", reader=Reader.KNOWN, is_asked_for=True)
# The team may write to those who have not confirmed, cancel what they asked for, or move it.
register_emails(
    "events/address_changed", "events/cancelled", "events/message", reader=Reader.ANYONE
)
register_emails(
    "events/changed",
    "events/confirmed",
    "events/day_before",
    "events/follow_up",
    "events/promoted",
    "events/session_cancelled",
    "events/waiting",
    "events/week_before",
    reader=Reader.KNOWN,
)


def send(
    registration: Registration,
    build: Callable[[RegistrationEmails], EmailContent],
    origin: str = "",
    parts: SessionParts | None = None,
) -> None:
    """Send an e-mail to one person, in the language of their registration.

    In the transaction of what it announces.

    Args:
        registration: of the recipient, with its session.
        build: which e-mail, of :class:`RegistrationEmails`.
        origin: what links start with, where there is a request.
        parts: of its session, where several people get it.
    """
    session = registration.session
    parts = parts or SessionParts(session, email_base_url(origin))
    with override(registration.language):
        content = build(RegistrationEmails(registration, parts))
        attachments = [parts.calendar] if content.has_calendar else []
    send_email(
        content.template,
        registration.email,
        content.context,
        registration.language,
        about=registration,
        attachments=attachments,
        # Those about what is to come are of no use once it has begun.
        expires_at=session.starts_at if content.is_reminder else None,
    )


def preview(
    registration: Registration, build: Callable[[RegistrationEmails], EmailContent]
) -> RenderedEmail:
    """Return an e-mail as one person would get it."""
    with override(registration.language):
        parts = SessionParts(registration.session, email_base_url())
        content = build(PreviewEmails(registration, parts))
    return render_email(content.template, content.context, registration.language)


@transaction.atomic
def notify_session_changed(session_id: int) -> None:
    """Notify those who are confirmed that the time, the place or the link has changed."""
    _send_all(session_id, (State.CONFIRMED,), RegistrationEmails.changed)


@transaction.atomic
def notify_session_cancelled(session_id: int, reason: str) -> None:
    """Notify those confirmed or waiting that the session is cancelled."""
    _send_all(
        session_id,
        (State.CONFIRMED, State.WAITING),
        lambda mails: mails.session_cancelled(reason),
    )


@transaction.atomic
def send_organiser_message(session_id: int, subject: str, text: str, states: Sequence[str]) -> int:
    """Send the organisers' message to those whose registration is in one of these states.

    Returns:
        To how many people.
    """
    return _send_all(session_id, states, lambda mails: mails.message(subject, text))


def _send_all(
    session_id: int,
    states: Sequence[str],
    build: Callable[[RegistrationEmails], EmailContent],
) -> int:
    people = list(registrations().filter(session_id=session_id, state__in=states).order_by("pk"))
    if people:
        parts = SessionParts(people[0].session, email_base_url())
        for registration in people:
            send(registration, build, parts=parts)
    return len(people)


def registrations() -> QuerySet[Registration]:
    """Return registrations with what their e-mails need."""
    return Registration.objects.select_related("session__page")
