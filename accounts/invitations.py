"""Invitations: whose account it is chooses the password, and nobody else knows it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from wagtail.log_actions import log

from core.languages.times import format_day
from core.mail import Reader, register_emails, send_email
from core.models import User
from core.web.signed_links import BadToken, LinkPurpose, read_token, signed_path

if TYPE_CHECKING:
    from django.db.models import QuerySet

INVITED, JOINED = "accounts.invited", "accounts.joined"

# Direction has the address of the person, and is answerable for it.
register_emails("accounts/invitation", reader=Reader.KNOWN)


def _decode(value: Any) -> tuple[int, str]:
    pk, state = value
    return int(pk), str(state)


INVITATION: LinkPurpose[tuple[int, str]] = LinkPurpose(
    "accounts_invitation", "accounts.invitations", timedelta(days=7), encode=list, decode=_decode
)
"""Its links carry an account, and a digest of what it was: a password that is chosen ends them."""


def is_invited(user: User) -> bool:
    """Return whether an account waits for its first password."""
    return user.is_active and not user.has_usable_password()


def invited() -> QuerySet[User]:
    """Return the accounts that wait for their first password."""
    return User.objects.filter(is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX)


def _state(user: User) -> str:
    # The address too: a link that went to a wrong one ends when it is corrected.
    return salted_hmac(INVITATION.salt, f"{user.password}:{user.email}").hexdigest()[:16]


def invite(user: User, by: User) -> None:
    """Send an account the link at which its password is chosen. Links before it end."""
    with transaction.atomic():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        path = signed_path(INVITATION, (user.pk, _state(user)))
        ends_at = timezone.now() + INVITATION.max_age
        context = {
            "first_name": user.first_name,
            "username": user.get_username(),
            "by": by.display_name,
            "url": f"{settings.WAGTAILADMIN_BASE_URL}{path}",
            "until": format_day(timezone.localdate(ends_at)),
        }
        send_email(
            "accounts/invitation",
            user.email,
            context,
            settings.LANGUAGE_CODE,
            about=user,
            expires_at=ends_at,
        )
        log(user, INVITED, user=by)


def user_from_token(token: str) -> User:
    """Return whose invitation a link is.

    Raises:
        BadToken: it is wrong, too old, already used, or the account was closed.
    """
    pk, state = read_token(INVITATION, token)
    user = invited().filter(pk=pk).first()
    if user is None or _state(user) != state:
        raise BadToken
    return user
