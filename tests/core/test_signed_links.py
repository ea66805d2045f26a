"""Links that were sent keep working: each token below was made once, and is never made anew."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
import time_machine
from django.core import signing

from accounts.invitations import INVITATION
from contributions.tokens import FOLLOW_UP
from core.web.signed_links import BadToken, LinkPurpose, make_token, read_token, signed_path
from events import tokens as events
from network.verification import VERIFY
from newsletter import tokens as newsletter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper

MADE_AT = dt.datetime(2026, 12, 1, 9, 30, tzinfo=dt.UTC)
WHO = UUID("0123456789abcdef0123456789abcdef")
SIGNED_UUID = "IjAxMjM0NTY3ODlhYmNkZWYwMTIzNDU2Nzg5YWJjZGVmIg:1xYKBU:"

SENT: list[tuple[LinkPurpose[Any], Any, str, dt.timedelta]] = [
    (
        events.CONFIRM,
        WHO,
        f"{SIGNED_UUID}jnQ2hACjRH-MfRl7McwiVw6RHBJWAk_ESo_diYcSusg",
        dt.timedelta(hours=48),
    ),
    (
        events.TAKE_PART,
        WHO,
        f"{SIGNED_UUID}U9yq3eDWinC93Q9IxKSAgDHvOq6wzWGTq_nbGMkRjIM",
        dt.timedelta(days=400),
    ),
    (
        events.CANCEL,
        WHO,
        f"{SIGNED_UUID}eihixg1YONp6-sBo_iOP7Ur30kzxKeAAqySg36Nk87U",
        dt.timedelta(days=400),
    ),
    (
        events.CERTIFICATE,
        WHO,
        f"{SIGNED_UUID}8O3OWoiuNepKqXARUxTVK7LemB-dzs-TqIt4O1t7vXI",
        dt.timedelta(days=400),
    ),
    (
        newsletter.CONFIRM,
        WHO,
        f"{SIGNED_UUID}_I8fZrv4n15XsPb6SpuIYhtgUouj4YAO6emeCZDn6FY",
        dt.timedelta(days=30),
    ),
    (
        newsletter.PREFERENCES,
        WHO,
        f"{SIGNED_UUID}IMQrEYtPM3L9hR8AESn5hgXu6R1ukqLqQg6F7Go5EFs",
        dt.timedelta(days=400),
    ),
    (
        newsletter.UNSUBSCRIBE,
        WHO,
        f"{SIGNED_UUID}jPNDFXBynBQZwJ5o0Sx3YCYbN-wHxdD7CHZ9UV8sSno",
        dt.timedelta(days=3650),
    ),
    (
        INVITATION,
        (42, "0123456789abcdef"),
        "WzQyLCIwMTIzNDU2Nzg5YWJjZGVmIl0:1xYKBU:6nsVnzX5FYHhYLGyNfD0gAebSeAl4cSVA0qU4QpdU_Y",
        dt.timedelta(days=7),
    ),
    (
        FOLLOW_UP,
        (42, 3),
        "WzQyLDNd:1xYKBU:lEqO9FvjC6aNHojokxjU2kNLOMJdHW3pg_XrQcCCWQU",
        dt.timedelta(days=400),
    ),
    (
        VERIFY,
        (42, "2025-03-01"),
        "WzQyLCIyMDI1LTAzLTAxIl0:1xYKBU:Kw6b-iQyz4ySGrIrwrePA9KCFNN50mAxMqr3KSSh_rk",
        dt.timedelta(days=90),
    ),
    (
        VERIFY,
        (42, ""),
        "WzQyLCIiXQ:1xYKBU:O4LZSd4oSbFU5c-W70K-gMJloc4lcOpdJWj4FjwGmBk",
        dt.timedelta(days=90),
    ),
]
PURPOSES: list[LinkPurpose[Any]] = [
    *events.PURPOSES,
    *newsletter.PURPOSES,
    FOLLOW_UP,
    INVITATION,
    VERIFY,
]


@pytest.fixture(autouse=True)
def _key_and_moment(settings: SettingsWrapper) -> Iterator[None]:
    settings.SECRET_KEY = "a secret of this test"
    with time_machine.travel(MADE_AT, tick=False):
        yield


def test_every_purpose_has_a_token_that_was_sent() -> None:
    assert {purpose.salt for purpose, *_rest in SENT} == {purpose.salt for purpose in PURPOSES}


@pytest.mark.parametrize("purpose,value,token,age", SENT)
def test_a_link_that_was_sent_works_until_its_age(
    purpose: LinkPurpose[Any], value: Any, token: str, age: dt.timedelta
) -> None:
    assert read_token(purpose, token) == value
    assert make_token(purpose, value) == token
    assert signed_path(purpose, value).endswith(f"/{token}/")

    with time_machine.travel(MADE_AT + age - dt.timedelta(minutes=1), tick=False):
        assert read_token(purpose, token) == value
    late = time_machine.travel(MADE_AT + age + dt.timedelta(minutes=1), tick=False)
    with late, pytest.raises(BadToken):
        read_token(purpose, token)


@pytest.mark.parametrize("made", PURPOSES, ids=lambda purpose: purpose.salt)
@pytest.mark.parametrize("used", PURPOSES, ids=lambda purpose: purpose.salt)
def test_a_token_is_worth_nothing_for_another_purpose(
    made: LinkPurpose[Any], used: LinkPurpose[Any]
) -> None:
    token = next(token for purpose, _value, token, _age in SENT if purpose is made)

    if made is used:
        read_token(used, token)
    else:
        with pytest.raises(BadToken):
            read_token(used, token)


@pytest.mark.parametrize("purpose", PURPOSES, ids=lambda purpose: purpose.salt)
@pytest.mark.parametrize("value", [None, 7, "x", [1], [1, 2, 3], ["a", "b"], {}])
def test_what_a_signed_token_should_not_carry_is_refused(
    purpose: LinkPurpose[Any], value: Any
) -> None:
    with pytest.raises(BadToken):
        read_token(purpose, signing.dumps(value, salt=purpose.salt))


@pytest.mark.parametrize("token", ["", "x", ":", "::", "é:é:é", "IiI:1xYKBU:x"])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        read_token(FOLLOW_UP, token)
