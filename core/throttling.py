"""How often one address of the network may do something that costs us or others."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from core.models import RequestCount

if TYPE_CHECKING:
    from django.http import HttpRequest


class Rate(NamedTuple):
    """How many requests are let through in how many seconds."""

    limit: int
    seconds: int


def client_address(request: HttpRequest) -> str:
    """Return the network address that a request comes from.

    Behind a proxy, the one in the header that ``CLIENT_ADDRESS_HEADER`` names,
    which the proxy must set and not only pass on.
    """
    header = settings.CLIENT_ADDRESS_HEADER
    given = request.META.get(header, "") if header else ""
    return str(given or request.META.get("REMOTE_ADDR", ""))


def allow_request(request: HttpRequest, scope: str, limit: int, seconds: int) -> bool:
    """Count one more request, and return whether its network address is within its limit.

    Only a digest of the address is kept, for as long as it counts and an hour more.

    Args:
        request: who tries.
        scope: names what is tried.
        limit: how many tries are let through.
        seconds: for how long they count.
    """
    window = int(time.time()) // seconds
    digest = salted_hmac(f"core.web.throttling.{scope}", client_address(request)).hexdigest()[:32]
    expires_at = dt.datetime.fromtimestamp((window + 1) * seconds, tz=dt.UTC)
    table = RequestCount._meta.db_table
    with connection.cursor() as cursor:
        # One statement, so that requests at the same time count one after the other. Once the
        # limit is reached it writes nothing, and counts no row.
        cursor.execute(
            f"INSERT INTO {table} AS counted (key, number, expires_at) VALUES (%s, 1, %s)"  # noqa: S608
            " ON CONFLICT (key) DO UPDATE SET number = counted.number + 1"
            " WHERE counted.number < %s",
            [
                f"{scope}:{window}:{digest}",
                connection.ops.adapt_datetimefield_value(expires_at),
                limit,
            ],
        )
        return bool(cursor.rowcount == 1)


def purge_request_counts(now: dt.datetime) -> int:
    """Forget the counts that no longer count, and return how many."""
    return RequestCount.objects.filter(expires_at__lte=now).delete()[0]
