"""What the signed links of a subscription let their bearers do; each carries its UUID.

A link that unsubscribes works for years: people find old e-mails, and RFC 8058
asks that it works for as long as a mailbox shows it. It opens nothing else. One that opens what is
known of a person does so while it is fresh; afterwards it sends its owner another one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import override

from core.web.links import build_absolute_url, email_base_url
from core.web.signed_links import LinkPurpose, signed_path, uuid_purpose

if TYPE_CHECKING:
    from uuid import UUID

    from newsletter.models import Subscriber

CONFIRM = uuid_purpose("newsletter:confirm", "newsletter.confirm", timedelta(days=30))
PREFERENCES = uuid_purpose("newsletter:preferences", "newsletter.preferences", timedelta(days=400))
UNSUBSCRIBE = uuid_purpose(
    "newsletter:unsubscribe", "newsletter.unsubscribe", timedelta(days=10 * 365)
)

FRESH = replace(PREFERENCES, max_age=timedelta(hours=24))
"""The same, while it opens somebody's data: e-mails are passed on, and mailboxes are shared."""

PURPOSES = (CONFIRM, PREFERENCES, UNSUBSCRIBE)


def subscriber_url(purpose: LinkPurpose[UUID], subscriber: Subscriber, origin: str = "") -> str:
    """Return the absolute address of a page for one subscriber, in their language."""
    with override(subscriber.language):
        return build_absolute_url(signed_path(purpose, subscriber.uuid), email_base_url(origin))
