"""What django-allauth asks of a site."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.urls import reverse
from django.utils.encoding import force_bytes

from core.throttling import client_address

if TYPE_CHECKING:
    from django.http import HttpRequest

    from core.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: accounts are made by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Add none: the screens have their own."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address of who asks, which tests may leave out."""
        return client_address(request) or "0.0.0.0"  # noqa: S104

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return reverse("wagtailadmin_home")


class SecondFactorAdapter(DefaultMFAAdapter):
    """The secrets of second factors, encrypted with the key of the site.

    A copy of the database alone is then no second factor. With another key they can't be read, and
    each has to set up theirs anew.
    """

    def encrypt(self, text: str) -> str:
        return str(_ciphers().encrypt(text.encode()), "ascii")

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _ciphers().decrypt(encrypted_text).decode()
        except InvalidToken:
            # Of another key. No code fits it.
            return ""

    def get_totp_label(self, user: User) -> str:
        return user.get_username()


def _ciphers() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (
        hashlib.sha256(b"accounts.second-factor" + force_bytes(key)).digest() for key in keys
    )
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in digests])
