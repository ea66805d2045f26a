"""Logs: one line for each fault a minute, with a request's number, and nothing of people in it.

Used by ``LOGGING`` in the settings, so nothing here may need an app that is loaded.
"""

from __future__ import annotations

import logging
import queue
import re
import threading
import time
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from pythonjsonlogger.json import JsonFormatter as BaseJsonFormatter

from operations.request_context import current_request

if TYPE_CHECKING:
    from types import TracebackType

Fault = tuple[object, ...]

WINDOW_SECONDS = 60
"""For how long the same fault is logged once."""
MAX_FROM_ONE_PLACE = 10
"""How many different messages of one line of code are logged in that time."""

REMOVED = (
    # What PostgreSQL adds to an error: the values of the row.
    (re.compile(r"DETAIL:[^\n]*"), "DETAIL: [removed]"),
    (re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    # django.core.signing: a value, a time and a signature, as they are or percent-encoded.
    (re.compile(r"\.?[\w-]+(?::|%3A)\w{4,8}(?::|%3A)[\w-]{27,}", re.IGNORECASE), "[token]"),
    # django.contrib.auth.tokens: resets of passwords.
    (re.compile(r"\b[0-9a-z]{1,13}-[0-9a-f]{32,64}\b"), "[token]"),
    (re.compile(r"\b(Bearer|Basic|Token) [\w.+/=~-]{8,}", re.IGNORECASE), r"\1 [token]"),
    # UUIDs and digests, which open what belongs to one person.
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "[uuid]"),
    (re.compile(r"\b[0-9a-f]{32,}\b", re.IGNORECASE), "[digest]"),
    # A password in the address of a database, a cache or a mail server.
    (re.compile(r"(\w+://[^\s:/@]*:)[^\s@]+@"), r"\1[password]@"),
)


def scrub(text: str) -> str:
    """Return a text without what identifies people or opens what is theirs."""
    for pattern, replacement in REMOVED:
        text = pattern.sub(replacement, text)
    return text


def local_time(record: logging.LogRecord) -> str:
    """Return the time of a record with its zone (RFC 3339)."""
    return datetime.fromtimestamp(record.created).astimezone().isoformat(timespec="milliseconds")


class PlainFormatter(logging.Formatter):
    """A line for a person: time, level, logger, number of the request, message."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        super().__init__("{asctime} {levelname} {name}{reference}: {message}", style="{")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """Return the time of a record."""
        return local_time(record)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and below it the traceback if there is one."""
        context = current_request()
        record.reference = f" [{context.id}]" if context else ""
        return scrub(super().format(record))


class JsonFormatter(BaseJsonFormatter):
    """A JSON object on a line, for a program that collects logs."""

    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        super().__init__(json_ensure_ascii=False)

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Scrub each text of an object."""
        return {
            name: scrub(value) if isinstance(value, str) else value
            for name, value in log_data.items()
        }

    def add_fields(
        self,
        log_data: dict[str, Any],
        record: logging.LogRecord,
        message_dict: dict[str, Any],
    ) -> None:
        """Fill an object: these members, and no other that a library adds to records."""
        context = current_request()
        log_data["time"] = local_time(record)
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["message"] = record.getMessage()
        if context:
            log_data["request_id"] = context.id
            log_data["view"] = context.view
        if record.exc_info:
            log_data["exception"] = self.formatException(record.exc_info)
        elif record.exc_text:
            log_data["exception"] = record.exc_text


class Repetitions:
    """The faults of a while, each let through once.

    Args:
        seconds: how long the while is.
        limit: how many different messages of one line of code are let through in it.
    """

    def __init__(self, seconds: float = WINDOW_SECONDS, limit: int = MAX_FROM_ONE_PLACE) -> None:
        self.seconds = seconds
        self.limit = limit
        self._began = time.monotonic()
        self._seen: Counter[Fault] = Counter()
        self._left_out: Counter[str] = Counter()
        self._lock = threading.Lock()

    def let_through(self, record: logging.LogRecord) -> bool:
        """Count a record, and return whether it is to be written."""
        place = (record.name, record.levelno, record.pathname, record.lineno, _where(record))
        fault = (*place, scrub(record.getMessage()))
        with self._lock:
            self._seen[fault] += 1
            if self._seen[fault] == 1:
                self._seen[place] += 1
                if self._seen[place] <= self.limit:
                    return True
            self._left_out[record.name] += 1
            return False

    def end_of_while(self) -> Counter[str]:
        """Return how many records were left out, by logger, once the while has ended."""
        with self._lock:
            if time.monotonic() - self._began < self.seconds:
                return Counter()
            left_out = self._left_out
            self._began = time.monotonic()
            self._seen, self._left_out = Counter(), Counter()
            return left_out


def _where(record: logging.LogRecord) -> Fault:
    """Return what was raised and where, without which all failures of views are one fault."""
    if not record.exc_info or not record.exc_info[0]:
        return ()
    kind, _error, traceback = record.exc_info
    last = _last(traceback)
    return (kind, last and (last.tb_frame.f_code.co_filename, last.tb_lineno))


def _last(traceback: TracebackType | None) -> TracebackType | None:
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    return traceback


class ConsoleHandler(logging.StreamHandler[Any]):
    """Writes to the console, and the same warning or error once a minute.

    What was left out is counted, and the number written with the first record of the next minute.
    """

    def __init__(self) -> None:
        super().__init__()
        self.repetitions = Repetitions()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record, unless it was written in this minute."""
        for name, count in self.repetitions.end_of_while().items():
            super().emit(_summary(name, count))
        if record.name == "django.security.DisallowedHost":
            # Anyone can cause it, and its traceback is always the same.
            record.exc_info = record.exc_text = None
        if record.levelno < logging.WARNING or self.repetitions.let_through(record):
            super().emit(record)


def _summary(name: str, count: int) -> logging.LogRecord:
    message = "%d more like those above were left out."
    return logging.LogRecord(name, logging.WARNING, __file__, 0, message, (count,), None)


class ErrorMailHandler(logging.Handler):
    """Sends errors to ADMINS, each once in a quarter of an hour, beside the request that failed.

    Not Django's AdminEmailHandler, which sends within the request, by the backend whose database
    may be what failed, with the form and the cookies of its reader.
    """

    seconds = 15 * 60
    timeout = 10
    """Seconds for the mail server to answer."""
    most = 20
    """How many wait to be sent; further ones are only in the log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.repetitions = Repetitions(self.seconds)
        self._waiting: queue.Queue[tuple[str, str]] = queue.Queue(self.most)
        self._sender: threading.Thread | None = None
        self._start = threading.Lock()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record to be sent."""
        if not settings.ADMINS:
            return
        self.repetitions.end_of_while()
        if not self.repetitions.let_through(record):
            return
        context = current_request()
        view = context.view if context else ""
        subject = f"{record.levelname} {record.name} {view}".strip()
        try:
            self._waiting.put_nowait((subject[:200], self.format(record)))
        except queue.Full:
            return
        with self._start:
            # Also after a fork, which no thread survives.
            if self._sender is None or not self._sender.is_alive():
                self._sender = threading.Thread(target=self._send_all, name="errors", daemon=True)
                self._sender.start()

    def _send_all(self) -> None:
        while True:
            subject, text = self._waiting.get()
            try:
                self._message(subject, text).send()
            except Exception:
                # It is in the log already; why the mail server refuses is what `doctor` finds.
                logging.getLogger(__name__).warning("An error could not be sent to ADMINS.")
            finally:
                self._waiting.task_done()

    def _message(self, subject: str, text: str) -> EmailMessage:
        # Not the outbox: the database may be what failed.
        backend = settings.OUTBOX_EMAIL_BACKEND
        options: Any = {"timeout": self.timeout} if backend.endswith("smtp.EmailBackend") else {}
        return EmailMessage(
            f"{settings.EMAIL_SUBJECT_PREFIX}{subject}",
            text,
            settings.SERVER_EMAIL,
            [address for _name, address in settings.ADMINS],
            connection=get_connection(backend, **options),
        )
