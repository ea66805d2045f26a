from __future__ import annotations

from typing import Any

from django.conf import settings
from django_tasks import task

from core.mail import send_email


@task()
def send_notice(template: str, addresses: list[str], context: dict[str, Any]) -> None:
    """Send a notice of the review to each address by itself."""
    for address in addresses:
        send_email(template, [address], context, settings.LANGUAGE_CODE)
