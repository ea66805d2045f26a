"""The life of an account: an invitation, a departure, and a look at it once a year."""

from __future__ import annotations

import datetime as dt
import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client
from django.urls import reverse
from wagtail.models import APIToken, GroupApprovalTask, ModelLogEntry

from accounts.access_review import to_review
from accounts.invitations import invite, is_invited
from accounts.models import AccessReview
from contributions.models import ContributionState
from core.models import User
from tests.accounts.factors import HOME, LOGIN, sign_in
from tests.factories import UserFactory
from tests.factories.contributions import ContributionFactory, member

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]
NOW = dt.datetime(2026, 11, 30, 8, 0, tzinfo=dt.UTC)
CHOSEN = "quatre mots pour ouvrir"
NEW = "/admin/users/new/"
REVIEW = "/admin/comptes/revue/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def client(direction: User) -> Client:
    client = Client()
    client.force_login(direction)
    return client


def link_of(message: Any) -> str:
    found = re.search(r"http://localhost:8000(/admin/connexion/invitation/\S+)", message.body)
    assert found is not None, message.body
    return found[1]


def make(client: Client, **changes: Any) -> Any:
    data = {
        "email": "nouvelle@example.org",
        "first_name": "Nou",
        "last_name": "Velle",
        "groups": [Group.objects.get(name="Relecture").pk],
        **changes,
    }
    return client.post(NEW, data)


# Invitations


def test_who_is_invited_chooses_the_password(client: Client, direction: User) -> None:
    html = client.get(NEW).content.decode()
    assert 'type="password"' not in html
    assert 'name="username"' not in html

    make(client)

    user = User.objects.get(email="nouvelle@example.org")
    assert (user.username, is_invited(user)) == ("nouvelle@example.org", True)
    (message,) = mail.outbox
    assert message.to == ["nouvelle@example.org"]
    assert "7 décembre 2026" in str(message.body)
    address, theirs = link_of(message), Client()
    assert "nouvelle@example.org" in theirs.get(address).content.decode()
    data = {"new_password1": CHOSEN, "new_password2": CHOSEN}
    assert theirs.post(address, data)["Location"] == HOME
    assert theirs.get(HOME).status_code == 200
    user.refresh_from_db()
    assert user.check_password(CHOSEN)
    entries = ModelLogEntry.objects.filter(action__startswith="accounts.").order_by("pk")
    assert [(each.action, each.user) for each in entries] == [
        ("accounts.invited", direction),
        ("accounts.joined", user),
    ]


@pytest.mark.usefixtures("required")
def test_the_second_factor_comes_right_after(client: Client, direction: User) -> None:
    user = UserFactory(email="nouvelle@example.org", username="nouvelle")
    user.groups.add(Group.objects.get(name="Relecture"))
    invite(user, direction)
    theirs = Client()
    data = {"new_password1": CHOSEN, "new_password2": CHOSEN}

    response = theirs.post(link_of(mail.outbox[0]), data, follow=True)

    assert response.redirect_chain[-1][0].startswith("/admin/connexion/second-facteur/")


def test_an_invitation_is_good_once_and_for_a_week(client: Client, clock: Any) -> None:
    make(client)
    address = link_of(mail.outbox[0])
    data = {"new_password1": CHOSEN, "new_password2": CHOSEN}
    assert Client().post(address, {**data, "new_password2": "autre"}).status_code == 200
    assert Client().post(address, data).status_code == 302

    assert Client().get(address).status_code == 410
    assert Client().post(address, data).status_code == 410
    make(client, email="autre@example.org")
    clock.shift(dt.timedelta(days=7, seconds=1))
    assert Client().get(link_of(mail.outbox[1])).status_code == 410
    assert Client().get("/admin/connexion/invitation/rien/").status_code == 410


def test_a_new_invitation_ends_those_before(client: Client) -> None:
    make(client)
    user = User.objects.get(email="nouvelle@example.org")
    edit = client.get(reverse("wagtailusers_users:edit", args=[user.pk])).content.decode()
    address = reverse("accounts_invite", args=[user.pk])
    assert address in edit
    assert "nouvelle@example.org" in client.get(address).content.decode()

    client.post(address)

    first, second = (link_of(each) for each in mail.outbox)
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 200


def test_an_account_that_was_closed_is_opened_by_no_invitation(client: Client) -> None:
    make(client)
    User.objects.filter(email="nouvelle@example.org").update(is_active=False)

    assert Client().get(link_of(mail.outbox[0])).status_code == 410


def test_nobody_is_invited_who_has_a_password(client: Client, relecture: User) -> None:
    client.post(reverse("accounts_invite", args=[relecture.pk]))

    relecture.refresh_from_db()
    assert relecture.has_usable_password()
    assert mail.outbox == []


def test_an_address_that_somebody_signs_in_with_is_refused_in_its_field(client: Client) -> None:
    make(client)

    response = make(client)

    assert response.status_code == 200
    assert response.context["form"].errors.keys() == {"email"}
    assert User.objects.filter(email="nouvelle@example.org").count() == 1


def test_a_weak_password_is_refused_at_the_invitation(client: Client) -> None:
    make(client)

    response = Client().post(
        link_of(mail.outbox[0]),
        {"new_password1": "motdepasse1234", "new_password2": "motdepasse1234"},
    )

    assert "mots de passe volés" in response.content.decode()


# Departures


def test_who_leaves_loses_access_and_hands_work_over(
    client: Client, direction: User, relecture: User
) -> None:
    theirs = Client()
    sign_in(theirs, relecture)
    token, _key = APIToken.create_token(user=relecture, name="tests")
    colleague = member("Relecture", "collegue")
    open_one = ContributionFactory(assignee=relecture, state=ContributionState.RECEIVED)
    address = reverse("accounts_leave", args=[relecture.pk])
    html = client.get(address).content.decode()
    assert "Contributions : 1" in html
    assert "1 jeton" in html

    client.post(address, {"successor": colleague.pk})

    relecture.refresh_from_db()
    open_one.refresh_from_db()
    token.refresh_from_db()
    assert not relecture.is_active
    assert token.revoked_at == NOW
    assert open_one.assignee == colleague
    assert theirs.get(HOME)["Location"].startswith(LOGIN)
    entry = ModelLogEntry.objects.get(action="accounts.left")
    assert (entry.object_id, entry.user) == (str(relecture.pk), direction)


def test_work_that_is_handed_to_nobody_waits_for_the_team(client: Client, relecture: User) -> None:
    open_one = ContributionFactory(assignee=relecture, state=ContributionState.RECEIVED)

    client.post(reverse("accounts_leave", args=[relecture.pk]), {"successor": ""})

    open_one.refresh_from_db()
    assert open_one.assignee is None


def test_nobody_closes_their_own_account_or_a_stronger_one(client: Client, direction: User) -> None:
    stronger = UserFactory(is_superuser=True, username="racine")

    for user in (direction, stronger):
        client.post(reverse("accounts_leave", args=[user.pk]))

    assert User.objects.filter(is_active=False).count() == 0


@pytest.mark.parametrize("name", ["Coordination", "Relecture", "Partenaires"])
def test_other_groups_manage_no_account(name: str, relecture: User) -> None:
    client = Client()
    client.force_login(member(name, "quelquune"))
    AccessReview.objects.all().delete()

    for route in ("accounts_leave", "accounts_invite", "accounts_reset"):
        client.post(reverse(route, args=[relecture.pk]))
    client.post(REVIEW, {"account": relecture.pk})

    relecture.refresh_from_db()
    assert relecture.is_active
    assert not AccessReview.objects.exists()
    assert "Revue des accès" not in client.get(REVIEW, follow=True).content.decode()


# The review of accesses


def test_accesses_are_reviewed_once_a_year(
    client: Client, direction: User, relecture: User, clock: Any
) -> None:
    User.objects.update(date_joined=NOW)
    assert not to_review().exists()
    assert "Accès à revoir" not in client.get(HOME).content.decode()
    clock.shift(dt.timedelta(days=365))
    client.force_login(direction)

    assert set(to_review()) == {direction, relecture}
    assert "Accès à revoir" in client.get(HOME).content.decode()
    assert "relectrice" in client.get(REVIEW).content.decode()
    client.post(REVIEW, {"account": relecture.pk})

    assert set(to_review()) == {direction}
    review = AccessReview.objects.get()
    assert (review.account, review.by) == (relecture, direction)
    assert ModelLogEntry.objects.filter(action="accounts.access_reviewed").count() == 1
    clock.shift(dt.timedelta(days=366))
    assert relecture in to_review()


def test_the_dashboard_of_others_has_none_of_it(relecture: User) -> None:
    User.objects.update(date_joined=NOW - dt.timedelta(days=500))
    client = Client()
    client.force_login(relecture)

    assert "Accès à revoir" not in client.get(HOME).content.decode()


@pytest.mark.parametrize("given", ["", "x", "0", "9" * 30])
def test_a_review_of_nobody_is_refused(client: Client, given: str) -> None:
    assert client.post(REVIEW, {"account": given}).status_code == 404
    assert not AccessReview.objects.exists()


def test_the_review_and_the_dashboard_cost_the_same_whatever_their_length(
    client: Client, count_queries: Callable[[Callable[[], Any]], int]
) -> None:
    old = NOW - dt.timedelta(days=500)

    def cost(address: str) -> int:
        client.get(address)
        return count_queries(lambda: client.get(address))

    for number in range(2):
        member("Relecture", f"une-{number}", date_joined=old)
    before = {address: cost(address) for address in (REVIEW, HOME, "/admin/users/")}
    for number in range(6):
        member("Relecture", f"autre-{number}", date_joined=old)

    assert {address: cost(address) for address in before} == before


# Groups that Wagtail makes

TAKEN = import_module("accounts.migrations.0002_default_groups")


def rights(group: Group) -> list[Any]:
    return [
        *group.permissions.all(),
        *group.page_permissions.all(),
        *group.collection_permissions.all(),
        *GroupApprovalTask.objects.filter(groups=group),
    ]


@pytest.mark.parametrize("name", TAKEN.GROUPS)
def test_the_groups_of_wagtail_have_no_right(name: str) -> None:
    assert rights(Group.objects.get(name=name)) == []


def test_what_was_taken_away_is_given_back_and_kept_from_those_in_use() -> None:
    TAKEN.give_back(apps, None)
    moderators = Group.objects.get(name="Moderators")
    assert {each.codename for each in moderators.permissions.all()} >= {"access_admin"}
    assert moderators.page_permissions.filter(permission__codename="publish_page").exists()
    UserFactory().groups.add(moderators)

    TAKEN.take_away(apps, None)

    assert rights(moderators)
    assert rights(Group.objects.get(name="Editors")) == []
