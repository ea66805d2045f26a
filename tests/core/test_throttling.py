"""A limit is that of the site, and not of each of its processes."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from core.models import RequestCount
from core.throttling import allow_request

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
