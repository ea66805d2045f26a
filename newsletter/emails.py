"""The e-mails about a subscription itself, in the language of each subscriber.

Their texts are the templates of ``emails/newsletter/``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.mail import send_email
from newsletter.tokens import CONFIRM, PREFERENCES, subscriber_url

if TYPE_CHECKING:
    from uuid import UUID

    from core.web.signed_links import LinkPurpose
    from newsletter.models import Subscriber


def send_confirmation_request(subscriber: Subscriber) -> None:
    """Ask the reader of the address to confirm (double opt-in)."""
    _send("confirm", subscriber, CONFIRM)


def send_already_subscribed(subscriber: Subscriber) -> None:
    """Answer a second request that one is enough."""
    _send("already", subscriber, PREFERENCES)


def send_welcome(subscriber: Subscriber) -> None:
    """Welcome a new subscriber, with the link that changes everything later."""
    _send("welcome", subscriber, PREFERENCES)


def send_preferences_link(subscriber: Subscriber) -> None:
    """Send their link to those who have lost it."""
    _send("preferences", subscriber, PREFERENCES)


def _send(name: str, subscriber: Subscriber, purpose: LinkPurpose[UUID]) -> None:
    context = {"url": subscriber_url(purpose, subscriber)}
    send_email(f"newsletter/{name}", [subscriber.email], context, subscriber.language)
