"""Which browsers an account was signed in with: a stranger who guesses does not keep these out.

The device cookies of OWASP: a browser that signed in once has a signed cookie, and its failures are
counted apart from those of all others.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.crypto import salted_hmac

from accounts.passwords import normalized

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

COOKIE = "appareil"
SALT = "accounts.devices"
MAX_AGE = dt.timedelta(days=365)
MAX_ACCOUNTS = 8
"""How many people may share a browser before it forgets the first of them."""


def account_key(username: str) -> str:
    """Return what stands for an account, whether or not there is one of that name."""
    name = normalized(username.strip())[:150]
    return salted_hmac(SALT, name).hexdigest()[:16]


def device_of(request: HttpRequest, username: str) -> str | None:
    """Return what names this browser, if the account was signed in with it."""
    return _known(request).get(account_key(username))


def remember_device(request: HttpRequest, response: HttpResponse, username: str) -> None:
    """Have this browser be one of those that the account was signed in with."""
    known, key = _known(request), account_key(username)
    device = known.pop(key, None) or secrets.token_hex(8)
    kept = [*known.items(), (key, device)][-MAX_ACCOUNTS:]
    response.set_cookie(
        COOKIE,
        signing.dumps(dict(kept), salt=SALT),
        max_age=MAX_AGE,
        path=reverse("wagtailadmin_home"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> dict[str, str]:
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return {}
    return dict(found) if isinstance(found, dict) else {}
