"""Handing one message to a mail server, with what is known of the outcome.

Django's SMTP backend reports that something failed. Whether the server may have
taken the message all the same depends on the moment: before DATA it can't
have; once the text is on its way, only its reply decides (RFC 5321, 4.1.1.4 and
6.1). So the SMTP commands are sent here, on the connection that Django opens.
"""

from __future__ import annotations

import re
import smtplib
from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

if TYPE_CHECKING:
    from django.core.mail import EmailMultiAlternatives

MAIL_OK = 250
SEND_TEXT = 354
RCPT_OK = (250, 251)
PERMANENT = 500
TEMPORARY_HTTP = 429
SERVER_HTTP = 500
DOT_FIRST = re.compile(rb"^\.", re.M)
"""A line that starts with a dot gets another (RFC 5321, 4.5.2)."""


class Outcome(StrEnum):
    """The known outcome of handing over a message."""

    SENT = "sent"
    RETRY = "retry"
    """The server has not got it and may take it later."""
    REFUSED = "refused"
    """The server will never take it."""
    NO_SUCH_ADDRESS = "no_such_address"
    """The server will never take anything for this address."""
    UNCERTAIN = "uncertain"
    """The server may have got it."""


@dataclass(frozen=True)
class Result:
    """What became of a message.

    Attributes:
        detail: what the server answered.
        was_answered: whether it answered at all: if not, it does not answer the next one either.
    """

    outcome: Outcome
    detail: str = ""
    was_answered: bool = True


class Transport:
    """Hands messages over to the mail server, on one connection while it is open.

    Args:
        timeout: how many seconds the server has for each answer; that of the settings by default.
    """

    def __init__(self, timeout: float | None = None) -> None:
        options: dict[str, Any] = {} if timeout is None else {"timeout": timeout}
        self.backend: Any = get_connection(settings.OUTBOX_EMAIL_BACKEND, **options)

    def send(self, message: EmailMultiAlternatives) -> Result:
        """Send one message; no failure of the server raises an error here."""
        if isinstance(self.backend, EmailBackend):
            return self._speak_smtp(message)
        return self._hand_over(message)

    def close(self) -> None:
        """Close the connection, if it is still open."""
        try:
            self.backend.close()
        except (OSError, smtplib.SMTPException):
            self.backend.connection = None

    def _speak_smtp(self, message: EmailMultiAlternatives) -> Result:
        written: Any = message.message()
        payload: bytes = written.as_bytes(linesep="\r\n")
        may_have_it = False
        try:
            self.backend.open()
            server: smtplib.SMTP = self.backend.connection
            server.ehlo_or_helo_if_needed()
            code, reply = server.mail(_envelope(message.from_email))
            if code != MAIL_OK:
                return self._refused(code, reply)
            code, reply = server.rcpt(_envelope(message.to[0]))
            if code not in RCPT_OK:
                return self._refused(code, reply, about_address=True)
            server.putcmd("data")
            code, reply = server.getreply()
            if code != SEND_TEXT:
                return self._refused(code, reply)
            # A text that breaks off has no end, so the server drops it.
            server.send(DOT_FIRST.sub(b"..", payload.rstrip(b"\r\n")) + b"\r\n.\r\n")
            may_have_it = True
            code, reply = server.getreply()
            if code != MAIL_OK:
                return self._refused(code, reply)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            outcome = Outcome.UNCERTAIN if may_have_it else Outcome.RETRY
            return Result(outcome, _describe(error), was_answered=False)
        return Result(Outcome.SENT)

    def _refused(self, code: int, reply: bytes | str, *, about_address: bool = False) -> Result:
        """Reset the connection for the next message, and return what a reply means."""
        text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
        try:
            self.backend.connection.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()
        detail = f"{code} {text}"
        if code < PERMANENT:
            return Result(Outcome.RETRY, detail)
        return Result(Outcome.NO_SUCH_ADDRESS if about_address else Outcome.REFUSED, detail)

    def _drop(self) -> None:
        """Drop a broken connection, so that the next message opens another."""
        connection, self.backend.connection = self.backend.connection, None
        if connection is not None:
            connection.close()

    def _hand_over(self, message: EmailMultiAlternatives) -> Result:
        """Use another backend (an HTTP API through django-anymail, or one of the tests)."""
        try:
            self.backend.send_messages([message])
        except Exception as error:
            return _of_api_error(error)
        return Result(Outcome.SENT)


def _envelope(address: str) -> str:
    """Return an address as SMTP takes it: its domain in ASCII (RFC 5891)."""
    return parseaddr(sanitize_address(address, "utf-8"))[1]


def _of_api_error(error: Exception) -> Result:
    name = type(error).__name__
    status = getattr(error, "status_code", None)
    if name == "AnymailRecipientsRefused":
        return Result(Outcome.NO_SUCH_ADDRESS, _describe(error))
    if status is None:
        # A connection that failed, and nobody knows when.
        return Result(Outcome.UNCERTAIN, _describe(error), was_answered=False)
    if status == TEMPORARY_HTTP:
        return Result(Outcome.RETRY, _describe(error))
    if status >= SERVER_HTTP:
        return Result(Outcome.UNCERTAIN, _describe(error))
    return Result(Outcome.REFUSED, _describe(error))


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]
