"""What of the environment is wrong, found before visitors meet it."""

from __future__ import annotations

import os
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.mail import get_connection
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from background.state import alive, job_states, task_state
from core.models import ContentVersion
from core.replicas import REPLICA_ALIAS, reading_replica
from operations.health import check_cache, check_database, check_migrations
from outbox.models import OutgoingEmail

TIMEOUT_SECONDS = 10
MAX_CLOCK_DIFFERENCE_SECONDS = 5
MIN_FREE_BYTES = 2_000_000_000
MAX_JOIN_COLLAPSE_LIMIT = 4
OLD_LETTER_SECONDS = 3600
OLD_TASK_SECONDS = 900
START_SECONDS = 15
"""How long a worker takes to start at most."""


class Severity(Enum):
    """How bad a finding is."""

    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """What one check found, and what to do about it."""

    check: str
    severity: Severity
    text: str


Found = Iterator[tuple[Severity, str]]
WARN, WRONG = Severity.WARNING, Severity.ERROR


def examine(*, goes_out: bool = True) -> Iterator[Finding]:
    """Yield what each check found: one that fails by itself is an error, and stops no other.

    Args:
        goes_out: whether to connect to the mail server and to the site's own public address.
    """
    for name, check in CHECKS.items():
        if check in GOING_OUT and not goes_out:
            continue
        try:
            for severity, text in check():
                yield Finding(name, severity, text)
        except Exception as error:  # What is broken may break any of them.
            yield Finding(name, WRONG, f"{type(error).__name__}: {error}")


def check_settings() -> Found:
    """Compare the settings with Django's advice for a public server, and ours."""
    for message in run_checks(include_deployment_checks=True):
        if message.level >= WARNING and not message.is_silenced():
            yield (WRONG if message.is_serious() else WARN), f"{message.id}: {message.msg}"
    if settings.DEBUG:
        yield WRONG, "DEBUG is on."
    if not settings.PUBLIC_URL:
        yield WARN, "PUBLIC_URL is not set: links in e-mails lead to this machine."
    if not (settings.ADMINS or settings.SENTRY_DSN):
        yield WARN, "Nobody is sent errors: set ADMINS or SENTRY_DSN."


def check_the_database() -> Found:
    """Ask the database, its migrations and its extensions."""
    result = check_database()
    if result != "ok":
        yield WRONG, f"The database: {result}"
        return
    if (found := check_migrations()) != "ok":
        yield WRONG, f"Migrations: {found}. Run manage.py migrate."
    if connection.vendor != "postgresql":
        yield WARN, "SQLite is for one machine with few visitors: PostgreSQL in production."
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT extname FROM pg_extension")
        present = {name for (name,) in cursor.fetchall()}
    for name in {"unaccent", "pg_trgm"} - present:
        yield WRONG, f"The extension {name} is missing: searches fail. Run manage.py migrate."

    if settings.DATABASE_IS_POOLED:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('join_collapse_limit')::int")
            (limit,) = cursor.fetchone()
        if limit > MAX_JOIN_COLLAPSE_LIMIT:
            yield (
                WARN,
                "Lists are a quarter slower: run ALTER ROLE … SET join_collapse_limit = 4.",
            )


def check_replica() -> Found:
    """Ask the replica whether it follows, where there is one."""
    if REPLICA_ALIAS not in connections:
        return
    try:
        with connections[REPLICA_ALIAS].cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            (is_replica,) = cursor.fetchone()
        with reading_replica():
            version = ContentVersion.current()
    except DatabaseError as error:
        yield WARN, f"The replica does not answer, all is read from the primary: {error}"
        return
    if not is_replica:
        yield WRONG, "DATABASE_REPLICA_URL leads to a server that follows none."
    if version < ContentVersion.current():
        yield WARN, "The replica is late: meanwhile all is read from the primary."


def check_clock() -> Found:
    """Compare this machine's clock with that of the database."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
    difference = abs((timezone.now() - there).total_seconds())
    if difference > MAX_CLOCK_DIFFERENCE_SECONDS:
        yield WRONG, f"The clocks of this machine and of the database differ by {difference:.0f} s."


def check_files() -> Found:
    """Write, read and delete a file in each storage, and look at the room that is left."""
    for alias in ("default", "private"):
        storage = storages[alias]
        try:
            name = storage.save(f".doctor-{uuid4().hex}", ContentFile(b"1"))
            storage.delete(name)
        except OSError as error:
            yield WRONG, f"The storage “{alias}” can't be written: {error}"
    for folder in {settings.MEDIA_ROOT, settings.PRIVATE_ROOT}:
        if os.path.isdir(folder):
            free = shutil.disk_usage(folder).free
            if free < MIN_FREE_BYTES:
                yield WRONG, f"{free / 1e9:.1f} GB are left for {folder}."


def check_shared_cache() -> Found:
    """Ask the cache, and whether processes share it."""
    if not settings.REDIS_URL:
        yield WARN, "Without REDIS_URL each process has a cache of its own: right, and slower."
        return
    if (found := check_cache()) != "ok":
        yield WARN, f"Redis does not answer: the site goes on without, and slower. {found}"


def check_mail() -> Found:
    """Connect to the mail server as the worker does, without sending anything."""
    mail = get_connection(settings.OUTBOX_EMAIL_BACKEND)
    if hasattr(mail, "timeout"):
        mail.timeout = TIMEOUT_SECONDS
    try:
        mail.open()
    except (OSError, ValueError) as error:
        yield WRONG, f"The mail server can't be reached: {type(error).__name__}: {error}"
    else:
        mail.close()
    if "localhost" in settings.DEFAULT_FROM_EMAIL:
        yield WARN, "DEFAULT_FROM_EMAIL is an address of localhost: letters will be refused."


def check_letters() -> Found:
    """Look for letters that do not leave."""
    waiting = OutgoingEmail.objects.unsent().order_by("created_at").first()
    if waiting:
        age = (timezone.now() - waiting.created_at).total_seconds()
        if age > OLD_LETTER_SECONDS:
            yield WRONG, f"A letter has waited for {age / 3600:.0f} h: {waiting.error or 'untried'}"
    lost = OutgoingEmail.objects.lost().count()
    if lost:
        yield WARN, f"{lost} letters were refused or given up: « Rapports › E-mails à envoyer »."


def check_workers() -> Found:
    """Look whether background work and what runs by the clock are being done."""
    for kind, what in (("tasks", "background work"), ("scheduler", "what runs by the clock")):
        if not _is_alive(kind):
            yield WRONG, f"No process does {what}: start manage.py work."
    for job in job_states(timezone.now()):
        if job.row and job.row.failures:
            yield WRONG, f"{job.name} failed {job.row.failures} times: {_last(job.row.error)}"
        elif job.is_late:
            yield WARN, f"{job.name} is late, or has never run."
    state = task_state()
    if state.failed:
        yield WARN, f"{state.failed} tasks were given up: see the log."
    if state.waiting_since:
        age = _seconds_since(state.waiting_since)
        if age > OLD_TASK_SECONDS:
            yield WARN, f"{state.waiting} tasks wait, the oldest for {age / 60:.0f} minutes."


def _is_alive(kind: str) -> bool:
    """Return whether a process is alive, once one that has just been started had its time."""
    for _second in range(START_SECONDS):
        if alive(kind, timezone.now()):
            return True
        time.sleep(1)
    return bool(alive(kind, timezone.now()))


def check_public_address() -> Found:
    """Ask for robots.txt as a visitor does, through the proxy and its headers."""
    if not settings.PUBLIC_URL:
        return
    address = f"{settings.PUBLIC_URL}/robots.txt"
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        opener.open(address, timeout=TIMEOUT_SECONDS).close()
    except urllib.error.HTTPError as error:
        with error:
            leads_to = error.headers.get("Location", "")
            if error.code in _REDIRECTS and leads_to == address:
                yield (
                    WRONG,
                    (
                        f"{address} redirects to itself: the proxy does not say that visitors came "
                        "over HTTPS. Set SECURE_PROXY_SSL_HEADER, and have the proxy send it."
                    ),
                )
            elif error.code == HTTPStatus.BAD_REQUEST:
                yield WRONG, f"{address} is answered 400: is its host in ALLOWED_HOSTS?"
            else:
                yield WRONG, f"{address} is answered {error.code} {leads_to}."
    except OSError as error:
        yield WRONG, f"{address} can't be reached from here: {error}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Shows a redirection instead of following it."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


_REDIRECTS = {301, 302, 307, 308}

CHECKS: dict[str, Callable[[], Found]] = {
    "settings": check_settings,
    "database": check_the_database,
    "replica": check_replica,
    "clock": check_clock,
    "files": check_files,
    "cache": check_shared_cache,
    "mail server": check_mail,
    "letters": check_letters,
    "workers": check_workers,
    "public address": check_public_address,
}
GOING_OUT = {check_mail, check_public_address}


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["?"])[-1]


def _seconds_since(moment: datetime) -> float:
    return (timezone.now() - moment).total_seconds()
