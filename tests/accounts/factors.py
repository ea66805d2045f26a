"""A phone with an application of authentication, and people who sign in."""

from __future__ import annotations

import base64
import time
from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.test import Client

from core.compat.allauth import TOTP, RecoveryCodes, format_hotp_value, hotp_value

if TYPE_CHECKING:
    from core.models import User

PASSWORD = "quatre mots sans rapport"
SECRET = base64.b32encode(b"a secret of the tests").decode().rstrip("=")
SECRET += "=" * (-len(SECRET) % 8)
LOGIN, HOME = "/admin/login/", "/admin/"


def code_of(secret: str = SECRET, steps: int = 0) -> str:
    """Return what an application shows now, or some half minutes from now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def wrong_code() -> str:
    """Return six digits that no application shows now."""
    near = {code_of(steps=steps) for steps in range(-2, 3)}
    return next(code for code in ("000000", "111111", "222222") if code not in near)


def give_factor(user: User) -> None:
    """Set up a second factor for an account."""
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)


def give_password(user: User) -> User:
    """Have an account sign in with a password."""
    user.set_password(PASSWORD)
    user.save()
    return user


def recovery_code_of(user: User) -> str:
    found = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return str(found.wrap().get_unused_codes()[0])


def secret_of(user: User) -> str:
    found = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    return str(get_adapter().decrypt(found.data["secret"]))


def sign_in(client: Client, user: User, password: str = PASSWORD, **options: Any) -> Any:
    """Send the form of sign-in."""
    data = {"username": user.username, "password": password, **options.pop("data", {})}
    return client.post(LOGIN, data, **options)
