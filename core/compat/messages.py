"""Messages of a request until its response, as Django keeps them: no documentation promises it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.messages import SUCCESS, get_messages

if TYPE_CHECKING:
    from django.http import HttpRequest


def drop_success_messages(request: HttpRequest) -> None:
    """Drop the messages of success that this request has added."""
    storage: Any = get_messages(request)
    storage._queued_messages = [
        message for message in storage._queued_messages if message.level != SUCCESS
    ]
