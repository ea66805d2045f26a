"""Reading of what the site, the API and e-mails give."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail
from django.test import Client


def read_text(address: str, client: Client | None = None, status: int = 200) -> str:
    """Return the text at an address, for a stranger unless a client is given."""
    response = (client or Client()).get(address)
    content = b"".join(response) if response.streaming else response.content
    assert response.status_code == status, (address, content[:500])
    return bytes(content).decode()


def titles(data: dict[str, Any]) -> list[str]:
    """Return the titles of a list of the API."""
    return [item["title"] for item in data["items"]]


def facet(data: dict[str, Any], name: str) -> dict[str, int]:
    """Return the counts of one facet, by value."""
    (found,) = [facet for facet in data["facets"] if facet["name"] == name]
    return {value["value"]: value["count"] for value in found["values"]}


def path_in_mail(start: str, to: str = "", message: int = -1) -> str:
    """Return the first path that starts so, in an e-mail to an address, or to anyone."""
    body = [each for each in mail.outbox if not to or each.to == [to]][message].body
    found = re.search(rf"https?://[^/\s]+({start}[^\s>]+)", str(body))
    assert found, body
    return found[1]
