"""People of the team at work in the administration of the stack."""

from __future__ import annotations

import secrets
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.urls import reverse

from tests.factories.contributions import ticks
from tests.faults.stack import HOST, LONGEST
from tests.review.editor import edit_address, form_data

if TYPE_CHECKING:
    from core.models import User
    from tests.faults.stack import Stack

CSRF_TOKEN_LENGTH = 32
PREFIX = "__Host-"
"""What names of cookies begin with in production."""


class Account:
    """Somebody of the team who is signed in, in one browser."""

    def __init__(self, stack: Stack, user: User) -> None:
        self.stack, self.user = stack, user
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        self.token = secrets.token_hex(CSRF_TOKEN_LENGTH // 2)
        self.cookies = (
            f"{PREFIX}{settings.SESSION_COOKIE_NAME}={session.session_key};"
            f" {PREFIX}{settings.CSRF_COOKIE_NAME}={self.token}"
        )

    def post(self, path: str, data: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        """Send a form as its page does; return status, content and headers."""
        return self.stack.request(
            "POST",
            path,
            urlencode(data, doseq=True).encode(),
            {
                "Cookie": self.cookies,
                "X-CSRFToken": self.token,
                "Referer": f"https://{HOST}{path}",
                "Content-Type": "application/x-www-form-urlencoded",
            },
            LONGEST,
        )

    def approve(self, content: Any, state: int) -> int:
        """Approve a step, every point ticked; return the status of the answer."""
        path = reverse("wagtailadmin_pages:workflow_action", args=[content.pk, "approve", state])
        status, _content, _headers = self.post(path, dict.fromkeys(ticks(), "on"))
        return status

    def publish(self, content: Any, **values: Any) -> int:
        """Save a content with other values and publish it; return the status of the answer."""
        data = {**form_data(content, self.user), **values, "action-publish": "1"}
        status, _content, _headers = self.post(edit_address(content), data)
        return status
