"""Where the e-mails of Django, of Wagtail and of ourselves go: into the outbox."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db.transaction import on_commit

from outbox.worker import send_now
from outbox.writing import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.mail import EmailMessage


class EmailBackend(BaseEmailBackend):
    """Writes messages to the outbox, in the transaction that is open; a worker sends them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write messages, and return how many.

        Raises:
            BadHeaderError: a header would hold several lines.
        """
        for message in email_messages:
            keys = [row.pk for row in write(message)]
            if settings.OUTBOX_IMMEDIATE:
                on_commit(partial(send_now, keys))
        return len(email_messages)
