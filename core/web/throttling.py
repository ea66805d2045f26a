"""How often one address of the network may do something that costs us or others."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac

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

    Only a digest of the address is kept, for as long as it counts.

    Args:
        request: who tries.
        scope: names what is tried.
        limit: how many tries are let through.
        seconds: for how long they count.
    """
    window = int(time.time()) // seconds
    digest = salted_hmac(f"core.web.throttling.{scope}", client_address(request)).hexdigest()[:32]
    key = f"tries:{scope}:{window}:{digest}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key) <= limit
    except ValueError:
        # It was dropped in between: a new window.
        return True
