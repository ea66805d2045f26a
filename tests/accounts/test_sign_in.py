"""Signing in: what is counted, who is kept out, and who is not."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from accounts.devices import COOKIE
from accounts.limits import PER_ACCOUNT, PER_NETWORK, PER_PAIR
from core.models import User
from core.throttling import RECIPIENT_RATES
from tests.accounts.factors import (
    HOME,
    LOGIN,
    PASSWORD,
    code_of,
    give_factor,
    give_password,
    recovery_code_of,
    sign_in,
    wrong_code,
)
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 30, 9, 0, 30, tzinfo=dt.UTC)

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def is_signed_in(client: Client) -> bool:
    return SESSION_KEY in client.session and client.get(HOME).status_code == 200


def fail(times: int, username: str, address: str = "192.0.2.1") -> list[int]:
    """Give a wrong password some times, and return the status of each answer."""
    client = Client(REMOTE_ADDR=address)
    data = {"username": username, "password": "un mot de passe faux"}
    return [client.post(LOGIN, data).status_code for _ in range(times)]


def networks() -> Iterator[str]:
    """Yield addresses of as many networks as there are."""
    for number in range(1, 250):
        yield f"198.51.100.{number}"


def test_somebody_signs_in_and_goes_where_they_wanted(relecture: User) -> None:
    client = Client()

    response = sign_in(client, relecture, data={"next": "/admin/pages/"})

    assert (response.status_code, response["Location"]) == (302, "/admin/pages/")
    assert is_signed_in(client)
    relecture.refresh_from_db()
    assert relecture.last_login == NOW


@pytest.mark.parametrize("asked", ["https://example.com/", "//example.com/", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(relecture: User, asked: str) -> None:
    plain = sign_in(Client(), relecture, data={"next": asked})
    give_factor(relecture)
    client = Client()
    sign_in(client, relecture, data={"next": asked})
    with_code = client.post("/admin/login/code/", {"code": code_of(), "next": asked})

    assert plain["Location"] == with_code["Location"] == HOME


def test_failures_of_one_account_from_one_network_are_limited(relecture: User) -> None:
    assert fail(7, relecture.username) == [200] * PER_PAIR.limit + [429] * 2

    # The right password is not learnt either, and others of the network are let in.
    client = Client(REMOTE_ADDR="192.0.2.1")
    response = sign_in(client, relecture)
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert "Vous pourrez réessayer dans 15 minutes" in response.content.decode()
    assert is_signed_in(client) is False
    colleague = give_password(UserFactory(is_superuser=True, username="voisine"))
    assert sign_in(Client(REMOTE_ADDR="192.0.2.1"), colleague).status_code == 302
    # And she is, from elsewhere.
    assert sign_in(Client(REMOTE_ADDR="192.0.2.2"), relecture).status_code == 302


def test_the_next_quarter_of_an_hour_lets_her_try_again(relecture: User, clock: Any) -> None:
    fail(6, relecture.username, "127.0.0.1")
    clock.move_to(NOW + dt.timedelta(minutes=15))

    assert sign_in(Client(), relecture).status_code == 302


def test_one_network_is_limited_over_all_accounts() -> None:
    answers = [fail(1, f"personne-{number}")[0] for number in range(PER_NETWORK.limit + 1)]

    assert answers == [200] * PER_NETWORK.limit + [429]


def test_a_network_of_ipv6_is_half_of_an_address(relecture: User) -> None:
    answers = [fail(1, relecture.username, f"2001:db8::{n:x}")[0] for n in range(1, 7)]

    assert answers == [200] * 5 + [429]
    assert fail(1, relecture.username, "2001:db8:0:1::1") == [200]
    assert fail(1, relecture.username, "::ffff:203.0.113.7") == [200]


def test_a_stranger_with_many_addresses_keeps_no_colleague_out(relecture: User) -> None:
    """The rule of device cookies: who signed in here before is counted apart."""
    usual = Client(REMOTE_ADDR="192.0.2.9")
    sign_in(usual, relecture)
    usual.post(reverse("wagtailadmin_logout"))

    answers = [fail(1, relecture.username, each)[0] for each in list(networks())[:30]]

    assert answers == [200] * PER_ACCOUNT.limit + [429] * 5
    new = sign_in(Client(REMOTE_ADDR="192.0.2.77"), relecture)
    assert new.status_code == 429
    assert "un appareil dont vous vous êtes déjà servi" in new.content.decode()
    assert sign_in(usual, relecture).status_code == 302


def test_a_new_password_by_e_mail_lets_in_again(relecture: User) -> None:
    for each in list(networks())[:30]:
        fail(1, relecture.username, each)
    client = Client(REMOTE_ADDR="192.0.2.77")

    client.post(reverse("wagtailadmin_password_reset"), {"email": relecture.email})
    address = next(word for word in str(mail.outbox[-1].body).split() if "/confirm/" in word)
    client.get(address, follow=True)
    chosen = "cinq autres mots bien choisis"
    form = reverse(
        "wagtailadmin_password_reset_confirm",
        args=[address.split("/")[-3], "set-password"],
    )
    client.post(form, {"new_password1": chosen, "new_password2": chosen})

    assert sign_in(client, relecture, chosen).status_code == 302


def test_a_known_device_has_a_limit_too(relecture: User) -> None:
    client = Client()
    sign_in(client, relecture)

    answers = [sign_in(client, relecture, "faux et encore faux").status_code for _ in range(12)]

    assert answers == [200] * 10 + [429] * 2


def test_a_device_is_not_known_by_a_cookie_of_ones_own_making(relecture: User) -> None:
    fail(6, relecture.username)
    client = Client(REMOTE_ADDR="192.0.2.1")
    client.cookies[COOKIE] = "eyJhIjoiYiJ9:1abcde:forged"

    assert sign_in(client, relecture).status_code == 429


def test_whether_there_is_an_account_of_that_name_is_not_learnt(relecture: User) -> None:
    there, not_there = fail(8, relecture.username), fail(8, "personne", "192.0.2.8")

    assert there == not_there


def test_the_same_name_written_otherwise_is_the_same_account(relecture: User) -> None:
    names = ["relectrice", "RELECTRICE", " relectrice", "ｒｅｌｅｃｔｒｉｃｅ", "Relectrice "]
    for each in names:
        fail(1, each)

    assert fail(1, relecture.username) == [429]


def test_who_signs_in_often_is_not_limited(relecture: User) -> None:
    assert {sign_in(Client(), relecture).status_code for _ in range(40)} == {302}


def test_the_other_sign_in_of_wagtail_leads_to_ours() -> None:
    response = Client().get("/_util/login/?next=/reseau/")

    assert response["Location"] == f"{LOGIN}?next=/reseau/"
    assert Client().post("/_util/login/", {"username": "a", "password": "b"}).status_code == 302


def test_a_member_without_the_administration_signs_in_to_read() -> None:
    reader = give_password(User.objects.create_user("membre-du-reseau"))

    client = Client()
    response = sign_in(client, reader, data={"next": "/ressources/"})

    assert response["Location"] == "/ressources/"
    assert SESSION_KEY in client.session


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_change_password",
        "account_reset_password",
        "account_inactive",
        "socialaccount_connections",
        "mfa_deactivate_totp",
        "usersessions_list",
    ],
)
def test_what_we_do_not_want_of_django_allauth_has_no_address(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_every_address_of_django_allauth_is_one_that_we_mean() -> None:
    """Its views are here by ours, which take their names."""
    views = {
        getattr(pattern.callback, "view_class", pattern.callback).__module__
        for resolver in get_resolver().url_patterns
        for pattern in getattr(resolver, "url_patterns", [])
        if getattr(pattern, "callback", None)
    }

    assert "accounts.sign_in" in views
    assert [each for each in views if each.startswith("allauth")] == []
    assert reverse("account_login") == LOGIN


def test_reset_e_mails_are_limited_and_alike_for_all(relecture: User) -> None:
    answers = {
        Client().post(reverse("wagtailadmin_password_reset"), {"email": address})["Location"]
        for address in [relecture.email] * 10 + ["personne@example.org"]
    }

    assert len(answers) == 1
    assert len(mail.outbox) == RECIPIENT_RATES[0].limit


# The second factor


def test_a_code_is_asked_of_who_has_a_second_factor(relecture: User) -> None:
    give_factor(relecture)
    client = Client()

    response = sign_in(client, relecture, data={"next": "/admin/pages/"})

    assert response["Location"] == "/admin/login/code/"
    assert is_signed_in(client) is False
    assert client.get("/admin/login/code/").status_code == 200
    response = client.post("/admin/login/code/", {"code": code_of()})
    assert response["Location"] == "/admin/pages/"
    assert is_signed_in(client)


@pytest.mark.parametrize("written", ["{0}{1}", "{0} {1}", " {0}-{1} "])
def test_a_code_is_read_as_people_copy_it(relecture: User, written: str) -> None:
    give_factor(relecture)
    client = Client()
    sign_in(client, relecture)
    code = code_of()

    client.post("/admin/login/code/", {"code": written.format(code[:3], code[3:])})

    assert is_signed_in(client)


def test_a_code_is_good_once_over_all_processes(relecture: User, clock: Any) -> None:
    """What was used is in the database: nothing depends on a cache."""
    give_factor(relecture)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, relecture)
        client.post("/admin/login/code/", {"code": code_of()})

    assert [is_signed_in(each) for each in (first, second)] == [True, False]
    clock.shift(30)
    second.post("/admin/login/code/", {"code": code_of(steps=-1)})
    assert is_signed_in(second) is False
    second.post("/admin/login/code/", {"code": code_of()})
    assert is_signed_in(second)


def test_a_recovery_code_is_good_once(relecture: User) -> None:
    give_factor(relecture)
    code = recovery_code_of(relecture)
    first, second = Client(), Client()
    for client in (first, second):
        sign_in(client, relecture)
        client.post("/admin/login/code/", {"code": f"{code[:4]} {code[4:]}"})

    assert [is_signed_in(each) for each in (first, second)] == [True, False]


def test_wrong_codes_are_limited_and_their_owner_is_warned(relecture: User) -> None:
    give_factor(relecture)
    client = Client()
    sign_in(client, relecture)

    answers = [
        client.post("/admin/login/code/", {"code": wrong_code()}).status_code for _ in range(8)
    ]

    assert answers == [200] * PER_PAIR.limit + [429] * 3
    assert client.post("/admin/login/code/", {"code": code_of()}).status_code == 429
    assert [each.to for each in mail.outbox] == [[relecture.email]]
    assert "peut-être connu" in mail.outbox[0].subject


@pytest.mark.parametrize("data", [{}, {"code": ""}, {"credential": "{}"}, {"code": "é" * 300}])
def test_a_form_without_a_code_is_no_error(relecture: User, data: dict[str, str]) -> None:
    give_factor(relecture)
    client = Client()
    sign_in(client, relecture)

    assert client.post("/admin/login/code/", data).status_code == 200


def test_the_screen_of_the_code_is_for_who_gave_a_password() -> None:
    assert Client().get("/admin/login/code/")["Location"] == LOGIN
    assert Client().post("/admin/login/code/", {"code": "123456"})["Location"] == LOGIN


def test_the_secret_is_not_in_the_database_as_it_is(relecture: User, settings: Any) -> None:
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator

    adapter = get_adapter()
    stored = adapter.encrypt("ABCD")

    assert "ABCD" not in stored
    assert adapter.decrypt(stored) == "ABCD"
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another key"
    assert adapter.decrypt(stored) == "ABCD"
    settings.SECRET_KEY_FALLBACKS = []
    assert adapter.decrypt(stored) == ""
    Authenticator.objects.create(user=relecture, type="totp", data={"secret": stored})
    Authenticator.objects.create(
        user=relecture, type="recovery_codes", data={"seed": stored, "used_mask": 0}
    )
    client = Client()
    sign_in(client, relecture)
    assert client.post("/admin/login/code/", {"code": "123456"}).status_code == 200


@pytest.mark.usefixtures("relecture")
def test_the_password_is_never_in_what_is_counted() -> None:
    from core.models import RequestCount

    fail(1, "relectrice")

    kept = " ".join(RequestCount.objects.values_list("key", flat=True))
    assert "relectrice" not in kept
    assert PASSWORD not in kept
