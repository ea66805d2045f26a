"""What a sign-in begins, and what the end of an account ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.signals import user_logged_in as sign_in_completed
from django.contrib.auth.signals import user_logged_in
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.devices import remember_device
from accounts.leaving import end_access
from accounts.sessions import begin
from core.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@receiver(user_logged_in)
def begin_session(request: HttpRequest, **kwargs: Any) -> None:
    """Have the session begin when somebody signs in."""
    begin(request.session)


@receiver(sign_in_completed)
def know_device(request: HttpRequest, response: HttpResponse, user: User, **kwargs: Any) -> None:
    """Have the browser be one that the account was signed in with."""
    remember_device(request, response, user.get_username())


@receiver(post_save, sender=User)
def close(instance: User, raw: bool, **kwargs: Any) -> None:
    """End what an account that is inactive could still do, however it became so."""
    if not instance.is_active and not raw:
        end_access(instance)
