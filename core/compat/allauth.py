"""Names of django-allauth that no documentation promises."""

from allauth.account.internal.flows.login import (
    get_authentication_records,
    perform_password_login,
    record_authentication,
)
from allauth.account.models import Login
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    clear_totp_secret,
    format_hotp_value,
    generate_totp_secret,
    get_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)

__all__ = [
    "TOTP",
    "AuthenticateForm",
    "AuthenticateView",
    "Login",
    "RecoveryCodes",
    "clear_totp_secret",
    "format_hotp_value",
    "generate_totp_secret",
    "get_authentication_records",
    "get_totp_secret",
    "hotp_value",
    "perform_password_login",
    "record_authentication",
    "yield_hotp_counters_from_time",
]
