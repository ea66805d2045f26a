"""The e-mails about a subscription itself, in the language of each subscriber.

Their texts are the templates of ``emails/newsletter/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.mail import send_email
from newsletter import tokens

if TYPE_CHECKING:
    from uuid import UUID

    from core.web.signed_links import LinkPurpose
    from newsletter.models import Subscriber


@dataclass(frozen=True)
class SubscriberLetter:
    """An e-mail to a subscriber, with the link that it carries."""

    name: str
    purpose: LinkPurpose[UUID]

    @property
    def kind(self) -> str:
        """The name of its template."""
        return f"newsletter/{self.name}"

    def send(self, subscriber: Subscriber) -> None:
        """Send it, in the transaction of what it announces."""
        context = {"url": tokens.subscriber_url(self.purpose, subscriber)}
        send_email(self.kind, subscriber.email, context, subscriber.language, about=subscriber)


CONFIRM = SubscriberLetter("confirm", tokens.CONFIRM)
"""Asks the reader of the address to confirm (double opt-in)."""
ALREADY = SubscriberLetter("already", tokens.PREFERENCES)
"""Answers a second request that one is enough."""
WELCOME = SubscriberLetter("welcome", tokens.PREFERENCES)
"""Welcomes a new subscriber, with the link that changes everything later."""
PREFERENCES = SubscriberLetter("preferences", tokens.PREFERENCES)
"""Gives their link to those who have lost it."""
EMAILS = (CONFIRM, ALREADY, WELCOME, PREFERENCES)
