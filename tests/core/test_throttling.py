"""A limit is that of the site, and not of each of its processes."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from core.models import RequestCount
from core.throttling import allow_request, claim, visitor_of

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 28, 10, 30, tzinfo=dt.UTC)


def ask(address: str = "192.0.2.1", scope: str = "form", limit: int = 3) -> bool:
    request = RequestFactory().post("/", REMOTE_ADDR=address)
    return allow_request(request, scope, limit, seconds=3600)


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_exactly_over_connections_at_the_same_time() -> None:
    def ask_often(_: int) -> int:
        try:
            return sum(ask(limit=20) for _ in range(15))
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        allowed = sum(pool.map(ask_often, range(4)))

    assert allowed == 20


def test_each_address_and_each_form_has_a_limit_of_its_own() -> None:
    with time_machine.travel(NOW, tick=False):
        assert [ask() for _ in range(5)] == [True, True, True, False, False]
        assert ask(address="192.0.2.2")
        assert ask(scope="other")


def test_the_next_hour_counts_anew() -> None:
    with time_machine.travel(NOW, tick=False):
        assert [ask(limit=1) for _ in range(2)] == [True, False]

    with time_machine.travel(NOW + dt.timedelta(minutes=30), tick=False):
        assert ask(limit=1)


def test_what_no_longer_counts_is_forgotten() -> None:
    with time_machine.travel(NOW, tick=False):
        ask()
        call_command("apply_retention", verbosity=0)
        assert RequestCount.objects.get().expires_at == NOW + dt.timedelta(minutes=30)

    with time_machine.travel(NOW + dt.timedelta(minutes=31), tick=False):
        ask()
        call_command("apply_retention", verbosity=0)
        assert RequestCount.objects.get().expires_at > timezone.now()


def test_no_address_is_kept() -> None:
    ask()

    assert "192.0.2.1" not in RequestCount.objects.get().key


@pytest.mark.parametrize(
    "address,visitor",
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1 ", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_an_ipv6_address_counts_by_what_its_holder_does_not_choose(
    address: str, visitor: str
) -> None:
    assert visitor_of(address) == visitor


def test_many_addresses_of_one_network_are_one_visitor() -> None:
    answers = [ask(address=f"2001:db8::{number:x}") for number in range(5)]

    assert answers == [True, True, True, False, False]
    assert ask(address="2001:db8:0:1::1")


def test_of_several_addresses_the_one_that_the_proxy_added_counts(
    settings: SettingsWrapper,
) -> None:
    settings.CLIENT_ADDRESS_HEADER = "HTTP_X_FORWARDED_FOR"
    forged = [f"198.51.100.{number}, 192.0.2.1" for number in range(5)]
    answers = [
        allow_request(RequestFactory().post("/", headers={"x-forwarded-for": each}), "f", 3, 60)
        for each in forged
    ]

    assert answers == [True, True, True, False, False]


def test_a_claim_ends_at_its_time() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        assert [claim("link", "a@example.org", 600) for _ in range(3)] == [True, False, False]
        assert claim("link", "b@example.org", 600)
        clock.shift(599)
        assert not claim("link", "a@example.org", 600)
        clock.shift(2)
        assert [claim("link", "a@example.org", 600) for _ in range(2)] == [True, False]
    assert "example" not in str(list(RequestCount.objects.values_list("key", flat=True)))
