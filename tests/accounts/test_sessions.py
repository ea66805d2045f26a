"""Sessions end, are listed, and are ended by whose they are."""

from __future__ import annotations

import datetime as dt
import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from wagtail.models import APIToken, Page

from accounts.browsers import describe_browser
from core.models import User
from tests.accounts.factors import HOME, LOGIN, sign_in
from tests.factories.contributions import member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 30, 8, 0, tzinfo=dt.UTC)
STATE = "/admin/connexion/etat/"
SECURITY = "/admin/account/securite/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/19.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def signed_in(user: User, browser: str = FIREFOX) -> Client:
    client = Client(headers={"user-agent": browser})
    sign_in(client, user)
    return client


def goes_on(client: Client) -> bool:
    return client.get(HOME).status_code == 200


def state(client: Client) -> Any:
    return json.loads(client.get(STATE).content)


def test_a_session_ends_after_an_hour_without_an_act(relecture: User, clock: Any) -> None:
    client = signed_in(relecture)
    for _ in range(3):
        clock.shift(dt.timedelta(minutes=55))
        assert goes_on(client)

    clock.shift(dt.timedelta(minutes=61))

    assert not goes_on(client)
    assert client.get(HOME)["Location"].startswith(LOGIN)


def test_a_session_ends_twelve_hours_after_it_began(relecture: User, clock: Any) -> None:
    client = signed_in(relecture)
    for _ in range(23):
        clock.shift(dt.timedelta(minutes=31))
        assert goes_on(client)

    clock.shift(dt.timedelta(minutes=31))

    assert not goes_on(client)


def ping(client: Client, **data: str) -> int:
    page = Page.objects.get(depth=2)
    address = reverse(
        "wagtailadmin_editing_sessions:ping",
        args=["wagtailcore", "page", page.pk, 1],
    )
    return client.post(address, data).status_code


def test_words_that_are_not_saved_keep_their_session(relecture: User, clock: Any) -> None:
    """An editor's browser gives signs of life by itself: those of an idle one count for nothing."""
    typing, away = signed_in(relecture), signed_in(relecture)
    for _ in range(5):
        clock.shift(dt.timedelta(minutes=20))
        ping(typing, is_editing="1")
        ping(away)

    assert goes_on(typing)
    assert not goes_on(away)


def test_to_ask_whether_a_session_goes_on_is_no_act(relecture: User, clock: Any) -> None:
    client = signed_in(relecture)
    assert state(client)["username"] == "relectrice"
    assert state(client)["seconds"] == 3600
    for _ in range(4):
        clock.shift(dt.timedelta(minutes=20))
        last = state(client)

    assert last == {"username": "", "seconds": 0, "token": ""}
    assert "no-store" in client.get(STATE)["Cache-Control"]


def test_a_form_is_sent_after_a_new_sign_in_with_the_token_that_goes_on(
    relecture: User, clock: Any
) -> None:
    client = Client(enforce_csrf_checks=True)
    html = client.get(LOGIN)
    token = html.context["csrf_token"]
    sign_in(client, relecture, data={"csrfmiddlewaretoken": str(token)})
    old = state(client)["token"]
    clock.shift(dt.timedelta(hours=2))
    token = client.get(LOGIN).context["csrf_token"]
    sign_in(client, relecture, data={"csrfmiddlewaretoken": str(token)})

    data = {"end": "others"}
    assert client.post(SECURITY, {**data, "csrfmiddlewaretoken": old}).status_code == 403
    new = state(client)["token"]
    assert client.post(SECURITY, {**data, "csrfmiddlewaretoken": new}).status_code == 302


def test_a_session_of_before_the_limits_begins_now(relecture: User, clock: Any) -> None:
    client = signed_in(relecture)
    session = client.session
    del session["began_at"], session["seen_at"]
    session.save()

    assert goes_on(client)
    clock.shift(dt.timedelta(minutes=61))
    assert not goes_on(client)


def test_sessions_are_listed_and_ended(relecture: User) -> None:
    here, there = signed_in(relecture), signed_in(relecture, IPHONE)
    html = here.get(SECURITY).content.decode()
    assert "Firefox, Windows" in html
    assert "Safari, iPhone" in html
    assert "127.0.0.1" in html
    other = UserSession.objects.get(user_agent=IPHONE)

    here.post(SECURITY, {"end": str(other.pk)})

    assert (goes_on(here), goes_on(there)) == (True, False)


def test_all_other_sessions_are_ended_at_once(relecture: User) -> None:
    here, *others = (signed_in(relecture) for _ in range(3))

    here.post(SECURITY, {"end": "others"})

    assert [goes_on(each) for each in (here, *others)] == [True, False, False]


def test_nobody_ends_the_session_of_somebody_else(relecture: User, direction: User) -> None:
    hers, client = signed_in(relecture), signed_in(direction)
    found = UserSession.objects.get(user=relecture)

    for asked in (str(found.pk), "others", "", "x", "9" * 30):
        client.post(SECURITY, {"end": asked})

    assert goes_on(hers)


def test_the_list_costs_the_same_whatever_its_length(
    relecture: User, count_queries: Callable[[Callable[[], Any]], int]
) -> None:
    client = signed_in(relecture)
    client.get(SECURITY)
    before = count_queries(lambda: client.get(SECURITY))
    for _ in range(6):
        signed_in(relecture)

    assert count_queries(lambda: client.get(SECURITY)) == before


def test_an_account_that_is_closed_has_no_session_and_no_token(relecture: User) -> None:
    client = signed_in(relecture)
    token, _key = APIToken.create_token(user=relecture, name="tests")

    relecture.is_active = False
    relecture.save()
    relecture.is_active = True
    relecture.save()

    token.refresh_from_db()
    assert token.revoked_at is not None
    assert not goes_on(client)


def test_several_accounts_are_closed_at_once(relecture: User, direction: User) -> None:
    client, hers = signed_in(direction), signed_in(relecture)
    address = reverse("wagtail_bulk_action", args=["core", "user", "set_active_state"])

    client.post(f"{address}?id={relecture.pk}", {"mark_as_active": "False"})
    User.objects.filter(pk=relecture.pk).update(is_active=True)

    assert not goes_on(hers)


def test_where_somebody_was_signed_in_is_forgotten_with_the_session(
    relecture: User, clock: Any
) -> None:
    signed_in(relecture)
    clock.shift(dt.timedelta(hours=11))
    signed_in(relecture, IPHONE)
    clock.shift(dt.timedelta(hours=2))

    call_command("apply_retention", stdout=StringIO())

    assert [each.user_agent for each in UserSession.objects.all()] == [IPHONE]


def test_a_partner_has_the_screen_too(db: None) -> None:
    partner = member("Partenaires", "partenaire")
    client = Client()
    client.force_login(partner)

    assert client.get(SECURITY).status_code == 200
    assert client.get(reverse("accounts_access_review")).status_code in (302, 403)


@pytest.mark.parametrize(
    "agent, expected",
    [
        (FIREFOX, "Firefox, Windows"),
        (IPHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36", "Chrome, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.1", "Navigateur inconnu"),
        ("", "Navigateur inconnu"),
    ],
)
def test_a_browser_has_a_name(agent: str, expected: str) -> None:
    assert describe_browser(agent) == expected
