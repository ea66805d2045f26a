"""How long the account of somebody who left is kept, and its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from allauth.mfa.models import Authenticator
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import Q
from wagtail.models import APIToken, ModelLogEntry
from wagtail.users.models import UserProfile

from accounts.sessions import end_sessions
from core.models import User
from outbox.letters import erase_letters

if TYPE_CHECKING:
    from django.db.models import QuerySet

INACTIVE_FOR = timedelta(days=3 * 365)
"""How long an account that was made inactive keeps its name, after its last sign-in."""
ERASED = "compte-efface-"


def erase_inactive(before: datetime) -> int:
    """Erase who had the accounts that are inactive, and were last used before a moment."""
    never = Q(last_login=None, date_joined__lt=before)
    rows = User.objects.filter(Q(last_login__lt=before) | never, is_active=False)
    return erase_accounts(rows.exclude(username__startswith=ERASED))


def erase_accounts(accounts: QuerySet[User]) -> int:
    """Erase who had some accounts; return how many.

    Their rows stay, without a name, inactive and without rights: the record of reviews and of
    what became public refers to them.
    """
    count = 0
    for account in accounts:
        _erase(account)
        count += 1
    return count


def _erase(account: User) -> None:
    account.username = f"{ERASED}{account.pk}"
    account.first_name = account.last_name = account.email = ""
    account.is_active = account.is_staff = account.is_superuser = False
    account.set_unusable_password()
    account.last_login = None
    account.save()
    account.groups.clear()
    account.user_permissions.clear()
    APIToken.objects.filter(user=account).delete()
    Authenticator.objects.filter(user=account).delete()
    end_sessions(account)
    for profile in UserProfile.objects.filter(user=account):
        if profile.avatar:
            profile.avatar.delete(save=False)
        profile.delete()
    for session in Session.objects.all().iterator():
        if session.get_decoded().get("_auth_user_id") == str(account.pk):
            session.delete()
    erase_letters(account)
    # What was done to the account: the names that it had are in its labels, and in their data.
    of_account = ModelLogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(account.pk)
    )
    of_account.update(label=str(account), data={})
