"""Who must have a second factor, how it is set up, changed and reset."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from wagtail.models import APIToken, GroupPagePermission, ModelLogEntry, Page

from accounts.checks import check_second_factor
from accounts.second_factor import must_have_second_factor, unused_recovery_codes
from core.models import User
from review.groups import PARTNERS, TEAM
from tests.accounts.factors import (
    HOME,
    LOGIN,
    PASSWORD,
    code_of,
    give_factor,
    give_password,
    secret_of,
    sign_in,
    wrong_code,
)
from tests.factories import UserFactory
from tests.factories.contributions import member

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
NOW = dt.datetime(2026, 11, 30, 9, 0, 30, tzinfo=dt.UTC)
SET_UP = "/admin/connexion/second-facteur/"
CODES = f"{SET_UP}codes/"
CONFIRM = f"{SET_UP}confirmer/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def signed_in(user: User) -> Client:
    """Return a browser in which somebody gave all that they have."""
    client = Client()
    sign_in(client, user)
    if Authenticator.objects.filter(user=user).exists():
        client.post(f"{LOGIN}code/", {"code": code_of(secret_of(user))})
    return client


def shown_secret(client: Client) -> str:
    html = client.get(SET_UP).content.decode()
    found = re.search(r"<code>([A-Z2-7 =]+)</code>", html)
    assert found is not None, html
    return found[1].replace(" ", "")


# Who must have one


@pytest.mark.parametrize("name", TEAM)
def test_each_group_of_the_team_must_have_one(name: str) -> None:
    assert must_have_second_factor(member(name, "quelquune"))


def test_partners_and_readers_need_none() -> None:
    assert not must_have_second_factor(member(PARTNERS, "partenaire"))
    assert not must_have_second_factor(UserFactory())


def test_an_account_of_administration_must_have_one() -> None:
    assert must_have_second_factor(UserFactory(is_superuser=True))


@pytest.mark.parametrize(
    "code",
    [
        "view_subscriber",
        "change_registration",
        "view_contribution",
        "add_user",
        "publish_structure",
    ],
)
def test_a_group_that_is_made_tomorrow_is_asked_too(code: str) -> None:
    user, group = UserFactory(), Group.objects.create(name="Demain")
    user.groups.add(group)
    assert not must_have_second_factor(user)

    group.permissions.add(Permission.objects.get(codename=code))

    assert must_have_second_factor(User.objects.get(pk=user.pk))


def test_who_may_publish_below_some_page_is_asked_too() -> None:
    user, group = UserFactory(), Group.objects.create(name="Demain")
    user.groups.add(group)
    for code, expected in (("add_page", False), ("publish_page", True)):
        permission = Permission.objects.get(codename=code)
        page = Page.objects.get(depth=2)
        GroupPagePermission.objects.create(group=group, page=page, permission=permission)
        assert must_have_second_factor(User.objects.get(pk=user.pk)) is expected


def test_a_right_of_ones_own_counts_as_that_of_a_group() -> None:
    user = UserFactory()
    user.user_permissions.add(Permission.objects.get(codename="view_delivery"))
    user.user_permissions.add(Permission.objects.get(codename="view_subscriber"))

    assert must_have_second_factor(User.objects.get(pk=user.pk))


# It is asked for


@pytest.mark.usefixtures("required")
def test_nothing_of_the_administration_is_open_before_it(relecture: User) -> None:
    client = signed_in(relecture)

    for address in (HOME, "/admin/pages/", "/admin/account/", "/admin/contributions/"):
        response = client.get(address, follow=True)
        assert response.redirect_chain[-1][0].startswith(SET_UP), address
    is_ajax = {"x-requested-with": "XMLHttpRequest"}
    assert client.get("/admin/choose-page/", headers=is_ajax).status_code == 403
    assert client.post("/admin/dismissibles/", headers=is_ajax).status_code == 403
    # What is public stays so.
    assert client.get("/").status_code == 200


@pytest.mark.usefixtures("required")
def test_a_partner_is_not_asked_and_does_not_meet_it() -> None:
    partner = give_password(member(PARTNERS, "partenaire"))
    client = Client()

    response = sign_in(client, partner)

    assert client.get(response["Location"], follow=True).status_code == 200


@pytest.mark.usefixtures("required")
def test_a_token_of_the_api_is_its_own_proof(relecture: User) -> None:
    _token, key = APIToken.create_token(user=relecture, name="tests")

    response = Client().get("/api/v1/structures/", headers={"authorization": f"Bearer {key}"})

    assert response.status_code == 200


def test_it_is_not_asked_where_the_setting_is_off(relecture: User) -> None:
    assert signed_in(relecture).get(HOME).status_code == 200


# It is set up


@pytest.mark.usefixtures("required")
def test_it_is_set_up_step_by_step(relecture: User) -> None:
    client = Client()
    response = sign_in(client, relecture, data={"next": "/admin/pages/"})
    response = client.get(response["Location"], follow=True)
    assert response.redirect_chain[-1][0] == f"{SET_UP}?next=/admin/pages/"
    html = response.content.decode()
    assert "QR code à scanner" in html
    assert "otpauth://totp/relectrice" in html
    secret = shown_secret(client)

    # Typed wrongly first: the same picture goes on.
    html = client.post(SET_UP, {"code": wrong_code(), "next": "/admin/pages/"}).content.decode()
    assert "Ce code n'est pas le bon" in html.replace("&#x27;", "'")
    assert secret[:4] in html
    assert not Authenticator.objects.exists()
    response = client.post(SET_UP, {"code": code_of(secret), "next": "/admin/pages/"})

    assert response["Location"] == f"{CODES}?next=/admin/pages/"
    html = client.get(response["Location"]).content.decode()
    assert len(re.findall(r"<code>\d{4} \d{4}</code>", html)) == 10
    assert 'href="/admin/pages/"' in html
    assert client.get(HOME).status_code == 200
    assert [each.subject for each in mail.outbox] == [
        "Votre compte est protégé par un second facteur"
    ]
    entry = ModelLogEntry.objects.get(action="accounts.second_factor_added")
    assert (entry.object_id, entry.user) == (str(relecture.pk), relecture)


@pytest.mark.usefixtures("required")
def test_it_is_put_off_by_signing_out(relecture: User) -> None:
    client = signed_in(relecture)

    assert client.post(SET_UP, {"later": "1"})["Location"] == LOGIN
    assert client.get(LOGIN).status_code == 200


@pytest.mark.usefixtures("required")
def test_a_session_of_before_is_asked_for_the_code(relecture: User) -> None:
    """Another browser, in which the password alone was given."""
    early = signed_in(relecture)
    give_factor(relecture)

    assert early.get(SET_UP)["Location"].startswith(LOGIN)
    assert early.post(SET_UP, {"code": code_of()})["Location"].startswith(LOGIN)
    assert early.get(HOME)["Location"].startswith(LOGIN)
    assert early.get(LOGIN).status_code == 200
    assert Authenticator.objects.count() == 2


def test_who_is_not_signed_in_sets_up_nothing() -> None:
    for address in (SET_UP, CODES, CONFIRM):
        assert Client().get(address)["Location"].startswith(LOGIN)
        assert Client().post(address, {"code": "123456"})["Location"].startswith(LOGIN)


# It is changed


@pytest.mark.usefixtures("required")
def test_a_code_is_asked_again_before_it_is_changed(relecture: User, clock: Any) -> None:
    give_factor(relecture)
    client = signed_in(relecture)
    clock.shift(11 * 60)

    for address in (SET_UP, CODES):
        response = client.get(address)
        assert response["Location"] == f"{CONFIRM}?next={address}"
    assert client.post(CONFIRM, {"code": wrong_code(), "next": CODES}).status_code == 200
    response = client.post(CONFIRM, {"code": code_of(), "next": CODES})

    assert response["Location"] == CODES
    assert client.get(CODES).status_code == 200


@pytest.mark.usefixtures("required")
def test_another_phone_takes_the_place_of_the_first(relecture: User) -> None:
    give_factor(relecture)
    client, before = signed_in(relecture), unused_recovery_codes(relecture)
    secret = shown_secret(client)
    client.post(SET_UP, {"code": wrong_code()})
    assert unused_recovery_codes(relecture) == before

    client.post(SET_UP, {"code": code_of(secret)})

    assert secret_of(relecture) == secret
    assert not set(unused_recovery_codes(relecture)) & set(before)
    assert client.get(HOME).status_code == 200
    assert mail.outbox[-1].subject == "Le second facteur de votre compte a changé"


def test_recovery_codes_are_replaced(relecture: User) -> None:
    give_factor(relecture)
    client, before = signed_in(relecture), unused_recovery_codes(relecture)

    client.post(CODES)

    assert not set(unused_recovery_codes(relecture)) & set(before)
    assert len(unused_recovery_codes(relecture)) == 10


# It is reset


def reset_url(user: User) -> str:
    return reverse("accounts_reset", args=[user.pk])


@pytest.mark.usefixtures("required")
def test_direction_resets_that_of_a_colleague(direction: User, relecture: User) -> None:
    for user in (direction, relecture):
        give_factor(user)
    hers, client = signed_in(relecture), signed_in(direction)
    assert hers.get(HOME).status_code == 200
    edit = client.get(reverse("wagtailusers_users:edit", args=[relecture.pk])).content.decode()
    assert reset_url(relecture) in edit
    assert "de vive voix" in client.get(reset_url(relecture)).content.decode()

    client.post(reset_url(relecture))

    assert not Authenticator.objects.filter(user=relecture).exists()
    assert not UserSession.objects.filter(user=relecture).exists()
    assert hers.get(HOME).status_code == 302
    assert [each.to for each in mail.outbox] == [[relecture.email]]
    entry = ModelLogEntry.objects.get(action="accounts.second_factor_reset")
    assert (entry.object_id, entry.user) == (str(relecture.pk), direction)
    # She sets up another the next time.
    response = Client().get(LOGIN)
    again = signed_in(relecture)
    response = again.get(HOME, follow=True)
    assert response.redirect_chain[-1][0].startswith(SET_UP)


def test_nobody_resets_their_own_or_that_of_a_stronger_account(direction: User) -> None:
    stronger = UserFactory(is_superuser=True, username="racine")
    for user in (direction, stronger):
        give_factor(user)
    client = signed_in(direction)

    for user in (direction, stronger):
        client.get(reset_url(user))
        client.post(reset_url(user))

    assert Authenticator.objects.filter(type="totp").count() == 2
    edit = client.get(reverse("wagtailusers_users:edit", args=[direction.pk])).content.decode()
    assert reset_url(direction) not in edit


@pytest.mark.parametrize("name", [*TEAM[1:], PARTNERS])
def test_no_other_group_resets_any(name: str, relecture: User) -> None:
    give_factor(relecture)
    client = signed_in(give_password(member(name, "quelquune")))

    client.post(reset_url(relecture))

    assert Authenticator.objects.filter(user=relecture).exists()


def test_an_operator_helps_who_is_alone(direction: User) -> None:
    give_factor(direction)

    call_command("reset_second_factor", direction.username, verbosity=0)

    assert not Authenticator.objects.exists()
    assert "sur le serveur" in str(mail.outbox[0].body)
    with pytest.raises(CommandError):
        call_command("reset_second_factor", direction.username)
    assert PASSWORD not in str(mail.outbox[0].body)


def test_a_deployment_without_it_is_warned_of(settings: Any) -> None:
    assert [each.id for each in check_second_factor()] == ["accounts.W001"]

    settings.MFA_REQUIRED = True

    assert check_second_factor() == []
