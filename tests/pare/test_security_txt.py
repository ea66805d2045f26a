"""security.txt (RFC 9116): where a vulnerability is reported."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from home.models import SiteSettings

if TYPE_CHECKING:
    from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

ADDRESS = "/.well-known/security.txt"


def fields(client: Client) -> list[tuple[str, str]]:
    response = client.get(ADDRESS)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "Set-Cookie" not in response
    lines = response.content.decode().splitlines()
    return [(name, value) for name, _colon, value in (line.partition(": ") for line in lines)]


def test_it_has_the_contacts_of_the_settings_and_the_rules(client: Client, settings: Any) -> None:
    settings.PUBLIC_URL = "https://www.example.org"
    settings.SECURITY_CONTACTS = ["security@example.org", "https://example.org/report"]
    settings.SECURITY_POLICY_URL = "https://example.org/SECURITY.md"

    found = fields(client)

    assert [value for name, value in found if name == "Contact"] == [
        "mailto:security@example.org",
        "https://example.org/report",
    ]
    assert dict(found)["Policy"] == "https://example.org/SECURITY.md"
    assert dict(found)["Canonical"] == f"https://www.example.org{ADDRESS}"
    assert dict(found)["Preferred-Languages"] == "fr, en"


def test_it_expires_within_a_year_and_has_one_date(client: Client, settings: Any) -> None:
    settings.SECURITY_CONTACTS = ["security@example.org"]

    (expires,) = (value for name, value in fields(client) if name == "Expires")

    left = datetime.fromisoformat(expires) - timezone.now()
    assert timedelta(days=90) < left < timedelta(days=365)


def test_the_contact_of_the_site_stands_in_and_without_any_there_is_no_file(
    client: Client, settings: Any
) -> None:
    settings.SECURITY_CONTACTS = []
    assert client.get(ADDRESS).status_code == 404

    conf = SiteSettings.load()
    conf.contact_email = "contact@example.org"
    conf.save()

    assert fields(client)[0] == ("Contact", "mailto:contact@example.org")
