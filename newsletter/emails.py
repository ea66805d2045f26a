"""The e-mails about a subscription itself, in the language of each subscriber.

Their texts are the templates of ``emails/newsletter/``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.mail import Reader, register_emails, send_email
from core.web.links import build_absolute_url, email_base_url, localized_path
from newsletter import tokens

if TYPE_CHECKING:
    from uuid import UUID

    from core.web.signed_links import LinkPurpose
    from newsletter.models import Subscriber


@dataclass(frozen=True)
class SubscriberLetter:
    """An e-mail about a subscription, with the link that it carries.

    Attributes:
        name: of its template.
        purpose: what the link lets its reader do; without one, it leads to the form.
    """

    name: str
    purpose: LinkPurpose[UUID] | None

    @property
    def kind(self) -> str:
        """The name of its template."""
        return f"newsletter/{self.name}"

    def send(self, subscriber: Subscriber) -> None:
        """Send it, in the transaction of what it announces."""
        url = (
            tokens.subscriber_url(self.purpose, subscriber)
            if self.purpose
            else form_url(subscriber.language)
        )
        # Of who is no subscriber there is no row.
        about = subscriber if subscriber.pk else None
        send_email(self.kind, subscriber.email, {"url": url}, subscriber.language, about=about)


def form_url(language: str) -> str:
    """Return the absolute address of the form by which to subscribe."""
    return build_absolute_url(localized_path("newsletter:subscribe", language), email_base_url())


CONFIRM = SubscriberLetter("confirm", tokens.CONFIRM)
"""Asks the reader of the address to confirm (double opt-in)."""
ALREADY = SubscriberLetter("already", tokens.PREFERENCES)
"""Answers a second request that one is enough."""
WELCOME = SubscriberLetter("welcome", tokens.PREFERENCES)
"""Welcomes a new subscriber, with the link that changes everything later."""
PREFERENCES = SubscriberLetter("preferences", tokens.PREFERENCES)
"""Gives their link to those who have lost it."""
UNKNOWN = SubscriberLetter("unknown", None)
"""Answers who asks for a link with an address that has no subscription: only its reader learns."""
ADDRESS_CHANGED = SubscriberLetter("address_changed", None)
"""Notifies the old address of a subscription that it has another."""
EMAILS = (CONFIRM, ALREADY, WELCOME, PREFERENCES, UNKNOWN, ADDRESS_CHANGED)

register_emails(CONFIRM.kind, UNKNOWN.kind, reader=Reader.ANYONE, is_asked_for=True)
register_emails(ALREADY.kind, PREFERENCES.kind, reader=Reader.KNOWN, is_asked_for=True)
register_emails(WELCOME.kind, ADDRESS_CHANGED.kind, reader=Reader.KNOWN)
