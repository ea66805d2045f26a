"""What is wrong with the protection of accounts, for ``check --deploy``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register

UNPROTECTED = Warning(
    "No second factor is asked of those who may see personal data or publish.",
    hint="Set MFA_REQUIRED=true, once the team was told.",
    id="accounts.W001",
)


@register(Tags.security, deploy=True)
def check_second_factor(**kwargs: Any) -> list[CheckMessage]:
    """Return a warning where a second factor is asked of nobody."""
    return [] if settings.MFA_REQUIRED else [UNPROTECTED]
