"""The second factor: who must have one, who has, and how it is checked and taken away."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_permission_codename
from django.db import transaction
from django.db.models import EmailField
from wagtail.log_actions import log
from wagtail.models import GroupPagePermission

from accounts.sessions import end_sessions
from core.compat.allauth import (
    TOTP,
    RecoveryCodes,
    format_hotp_value,
    get_authentication_records,
    hotp_value,
    record_authentication,
    yield_hotp_counters_from_time,
)
from core.mail import Reader, register_emails, send_email
from core.privacy.registry import declarations
from review.groups import ACCESS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model
    from django.http import HttpRequest

    from core.models import User

ADDED, REPLACED, RESET = (
    "accounts.second_factor_added",
    "accounts.second_factor_replaced",
    "accounts.second_factor_reset",
)
register_emails(
    *(
        f"accounts/{name}"
        for name in ("codes_refused", "second_factor_added", "second_factor_reset")
    ),
    reader=Reader.KNOWN,
)
LAST_STEP = "last_step"
PUBLISHING = "publish_"
OPEN_TO_VISITORS = {"contributions.contribute"}


# Who must have one


def personal_models() -> Iterable[type[Model]]:
    """Return the models about people: those with somebody's address, and what goes with them.

    From the registry of personal data, and from types of fields where it is silent.
    """
    about = {
        each.label
        for each in declarations()
        if each.person and (each.person.address or each.person.through)
    }
    return [
        model
        for model in apps.get_models()
        if model._meta.label in about
        or any(isinstance(field, EmailField) for field in model._meta.get_fields())
    ]


def must_have_second_factor(user: User) -> bool:
    """Return whether somebody may see personal data, or make something public.

    From permissions and not from names of groups: a group that is made tomorrow is asked too.
    """
    if user.is_superuser:
        return True
    given = user.get_all_permissions() - OPEN_TO_VISITORS - {ACCESS}
    if any(each.partition(".")[2].startswith(PUBLISHING) for each in given):
        return True
    if given & set(permissions_on(personal_models())):
        return True
    places = GroupPagePermission.objects.filter(group__in=user.groups.all())
    return places.filter(permission__codename__startswith=PUBLISHING).exists()


def permissions_on(models: Iterable[type[Model]]) -> Iterable[str]:
    """Yield each permission on some models."""
    for model in models:
        options = model._meta
        codes = [get_permission_codename(action, options) for action in options.default_permissions]
        for code in (*codes, *(codename for codename, _name in options.permissions)):
            yield f"{options.app_label}.{code}"


# Who has


def has_second_factor(user: User) -> bool:
    """Return whether somebody has set up a second factor."""
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def proved_at(request: HttpRequest, user: User) -> float | None:
    """Return when a code was last given in a session, as a time stamp."""
    records: list[dict[str, Any]] = get_authentication_records(request, user)
    return max((each["at"] for each in records if each["method"] == "mfa"), default=None)


def lacks_second_factor(request: HttpRequest, user: User) -> bool:
    """Return whether a session is refused what needs a second factor."""
    return (
        settings.MFA_REQUIRED and proved_at(request, user) is None and must_have_second_factor(user)
    )


# Codes


def matched_step(secret: str, code: str) -> int | None:
    """Return the half minute that a code of an application is of, or nothing."""
    digits = "".join(filter(str.isdecimal, code))
    for step in yield_hotp_counters_from_time():
        if compare_digest(digits.encode(), format_hotp_value(hotp_value(secret, step)).encode()):
            return int(step)
    return None


def check_code(user: User, code: str) -> Authenticator | None:
    """Return the factor that a code is of, which is used up by it, or nothing."""
    with transaction.atomic():
        # One after the other, over all processes: a code that was seen over a shoulder is good
        # for nothing. django-allauth remembers it in the cache, which processes may not share.
        rows = Authenticator.objects.select_for_update().filter(user=user).order_by("pk")
        for each in rows:
            if each.type == Authenticator.Type.TOTP and _use_step(each, code):
                return each
            if each.type == Authenticator.Type.RECOVERY_CODES and _use_recovery(each, code):
                return each
    return None


def _use_step(authenticator: Authenticator, code: str) -> bool:
    secret = get_adapter().decrypt(authenticator.data["secret"])
    step = matched_step(secret, code) if secret else None
    if step is None or step <= authenticator.data.get(LAST_STEP, 0):
        return False
    authenticator.data[LAST_STEP] = step
    authenticator.save(update_fields=["data"])
    return True


def _use_recovery(authenticator: Authenticator, code: str) -> bool:
    return _is_readable(authenticator) and bool(authenticator.wrap().validate_code(code))


def _is_readable(authenticator: Authenticator) -> bool:
    return bool(get_adapter().decrypt(authenticator.data["seed"]))


def unused_recovery_codes(user: User) -> list[str]:
    """Return the recovery codes that are left."""
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return list(found.wrap().get_unused_codes()) if found and _is_readable(found) else []


# Setting up and taking away


def set_up(request: HttpRequest, user: User, secret: str, code: str) -> bool:
    """Make an application the second factor of an account, in the place of the one before.

    Return whether the code is one of this application.
    """
    step = matched_step(secret, code)
    if step is None:
        return False
    with transaction.atomic():
        replaced = Authenticator.objects.filter(user=user).delete()[0]
        made = TOTP.activate(user, secret).instance
        made.data[LAST_STEP] = step
        made.save(update_fields=["data"])
        RecoveryCodes.activate(user)
        log(user, REPLACED if replaced else ADDED, user=user)
        announce(user, "second_factor_added", {"is_new": not replaced})
    record_authentication(request, user, "mfa", id=made.pk, type=made.type)
    return True


def renew_recovery_codes(user: User) -> None:
    """Give an account other recovery codes: those before are good for nothing."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
        RecoveryCodes.activate(user)


def reset(user: User, by: User | None) -> None:
    """Take the second factor of an account away, and its sessions with it.

    Args:
        user: whose it is.
        by: a colleague; nobody where an operator does it at the server.
    """
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        end_sessions(user)
        log(user, RESET, user=by)
        announce(user, "second_factor_reset", {"by": by.display_name if by else ""})


def announce(user: User, template: str, context: dict[str, Any]) -> None:
    """Write to an account about what became of it."""
    if not user.email:
        return
    base = settings.WAGTAILADMIN_BASE_URL
    given = {**context, "username": user.get_username(), "base_url": base}
    send_email(f"accounts/{template}", user.email, given, settings.LANGUAGE_CODE, about=user)
