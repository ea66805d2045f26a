"""How often one visitor may do what costs us or others, and how often one address is written to."""

from __future__ import annotations

import datetime as dt
import time
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any, NamedTuple

from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils.crypto import salted_hmac

from core.email_addresses import mailbox_of
from core.models import RequestCount

if TYPE_CHECKING:
    from django.http import HttpRequest

NETWORK_BITS = 64
"""Of an IPv6 address: the part that its holder does not choose (RFC 6177, RFC 8981)."""


class Rate(NamedTuple):
    """How many requests are let through in how many seconds."""

    limit: int
    seconds: int


RECIPIENT_RATES = (Rate(limit=8, seconds=3600), Rate(limit=20, seconds=24 * 3600))
"""How often strangers may have us write to one address: somebody may register for a whole cycle."""


def client_address(request: HttpRequest) -> str:
    """Return the network address that a request comes from, alike for all that one visitor has.

    Behind a proxy, the one in the header that ``CLIENT_ADDRESS_HEADER`` names, which the proxy
    must set and not only pass on; of several, the one that it added.
    """
    header = settings.CLIENT_ADDRESS_HEADER
    given = request.META.get(header, "") if header else ""
    return visitor_of(str(given or request.META.get("REMOTE_ADDR", "")).rpartition(",")[2])


def visitor_of(address: str) -> str:
    """Return what stands for the visitor at a network address.

    An IPv6 address by its first 64 bits: its holder has all of the others to choose from.
    """
    try:
        found = ip_address(address.strip())
    except ValueError:
        return address.strip()
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Network((int(found), NETWORK_BITS), strict=False))


def allow_request(request: HttpRequest, scope: str, limit: int, seconds: int) -> bool:
    """Count one more request, and return whether its visitor is within the limit.

    Args:
        request: who tries.
        scope: names what is tried.
        limit: how many tries are let through.
        seconds: for how long they count.
    """
    return allow(scope, client_address(request), Rate(limit, seconds))


def allow_letter(address: str) -> bool:
    """Count one more letter that anyone may ask for, and return whether its reader gets it."""
    scope, mailbox = "letter", mailbox_of(address)
    # One that is refused in an hour does not count in the day.
    return all(allow(f"{scope}-{rate.seconds}", mailbox, rate) for rate in RECIPIENT_RATES)


def claim(scope: str, subject: str, seconds: int) -> bool:
    """Return whether something was not claimed yet, and claim it for a while."""
    digest = _digest(scope, subject)
    now = time.time()
    return _insert(
        f"{scope}:{digest}",
        "number = counted.number + 1, expires_at = excluded.expires_at",
        "counted.expires_at <= %s",
        now + seconds,
        _moment(now),
    )


def allow(scope: str, subject: str, rate: Rate) -> bool:
    """Count one more try of a subject, and return whether it is within the limit.

    Over all processes. Only a digest of the subject is kept, for as long as it counts and an hour
    more.

    Args:
        scope: names what is tried.
        subject: who tries, or on what: an address, an account.
        rate: how many tries are let through.
    """
    # Once the limit is reached it writes nothing, and counts no row.
    return _insert(
        _key(scope, subject, rate),
        "number = counted.number + 1",
        "counted.number < %s",
        _window_end(rate),
        rate.limit,
    )


def take_back(scope: str, subject: str, rate: Rate) -> None:
    """Count one try less: it was none of those that are limited."""
    counts = RequestCount.objects.filter(key=_key(scope, subject, rate), number__gt=0)
    counts.update(number=F("number") - 1)


def seconds_left(rate: Rate) -> int:
    """Return in how many seconds the tries that were counted count no more."""
    return max(1, int(_window_end(rate) - time.time()))


def _window_end(rate: Rate) -> int:
    return (int(time.time()) // rate.seconds + 1) * rate.seconds


def _key(scope: str, subject: str, rate: Rate) -> str:
    return f"{scope}:{int(time.time()) // rate.seconds}:{_digest(scope, subject)}"


def _digest(scope: str, subject: str) -> str:
    return salted_hmac(f"core.web.throttling.{scope}", subject).hexdigest()[:32]


def _moment(seconds: float) -> Any:
    moment = dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
    return connection.ops.adapt_datetimefield_value(moment)


def _insert(key: str, update: str, condition: str, expires_at: float, value: Any) -> bool:
    """Insert a count, or update the one that is there on a condition; return whether it did.

    One statement, so that requests at the same time count one after the other.
    """
    table = RequestCount._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS counted (key, number, expires_at) VALUES (%s, 1, %s)"  # noqa: S608
            f" ON CONFLICT (key) DO UPDATE SET {update} WHERE {condition}",
            [key, _moment(expires_at), value],
        )
        return bool(cursor.rowcount == 1)


def purge_request_counts(now: dt.datetime) -> int:
    """Forget the counts that no longer count, and return how many."""
    return RequestCount.objects.filter(expires_at__lte=now).delete()[0]
