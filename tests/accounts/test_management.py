"""Direction manages accounts and groups, and nobody gets more rights than hers by it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from wagtail.models import (
    Collection,
    GroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    Page,
)

from accounts.standing import KEPT_GROUPS, Standing
from core.models import User
from tests.factories import UserFactory
from tests.factories.contributions import member
from tests.screens import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = [pytest.mark.django_db, pytest.mark.one_engine]

PASSWORD = "un mot de passe assez long 42"
NEW_ADDRESS = "nouvelle@example.org"
USERS, GROUPS = "/admin/users/", "/admin/groups/"


@pytest.fixture(scope="module")
def direction(module_transaction: None) -> User:
    return member("Direction", "directrice", first_name="Di", last_name="Rectrice")


@pytest.fixture
def client(direction: User) -> Client:
    client = Client()
    client.force_login(direction)
    return client


def give_permission(group: Group) -> None:
    group.permissions.add(Permission.objects.get(codename="change_workflow"))


def give_page(group: Group) -> None:
    permission = Permission.objects.get(codename="add_image", content_type__app_label="core")
    GroupPagePermission.objects.create(
        group=group, page=Page.objects.get(depth=1), permission=permission
    )


def give_collection(group: Group) -> None:
    permission = Permission.objects.get(codename="change_workflow")
    GroupCollectionPermission.objects.create(
        group=group, collection=Collection.get_first_root_node(), permission=permission
    )


def give_step(group: Group) -> None:
    GroupApprovalTask.objects.create(name="Une étape de plus").groups.add(group)


GIFTS = [give_permission, give_page, give_collection, give_step]


def technicians(give: Callable[[Group], None] = give_permission) -> Group:
    """Return a group with a right that Direction has not."""
    group = Group.objects.create(name="Technique")
    give(group)
    return group


def stronger_accounts() -> Iterator[User]:
    """Yield an account for each way of having more rights than Direction."""
    yield UserFactory(is_superuser=True, username="racine")
    yield UserFactory(is_superuser=True, is_active=False, username="racine-en-sommeil")
    of_group = UserFactory(username="technicienne")
    of_group.groups.add(technicians())
    yield of_group
    own = UserFactory(username="exception")
    own.user_permissions.add(Permission.objects.get(codename="change_workflow"))
    yield own


def form_data(user: User, **changes: Any) -> dict[str, Any]:
    return {
        "username": user.username,
        "email": user.email or "quelquune@example.org",
        "first_name": user.first_name or "Une",
        "last_name": user.last_name or "Personne",
        "is_active": "on",
        "groups": list(user.groups.values_list("pk", flat=True)),
        **changes,
    }


def new_account(**changes: Any) -> dict[str, Any]:
    names = {"first_name": "Une", "last_name": "Personne", "is_active": "on"}
    return {**names, "email": NEW_ADDRESS, "groups": [], **changes}


def edit_url(user: User) -> str:
    return reverse("wagtailusers_users:edit", args=[user.pk])


def test_direction_makes_an_account_of_each_group_of_the_site(client: Client) -> None:
    for number, name in enumerate(KEPT_GROUPS):
        group = Group.objects.get(name=name)
        address = f"nouvelle-{number}@example.org"
        data = new_account(email=address, groups=[group.pk], username="autre")

        client.post(f"{USERS}new/", data)

        user = User.objects.get(username=address)
        assert list(user.groups.all()) == [group]
        assert not user.has_usable_password()
        assert not user.is_superuser


def test_nobody_makes_a_superuser_but_a_superuser(client: Client) -> None:
    client.post(f"{USERS}new/", new_account(is_superuser="on"))
    colleague = member("Relecture", "collegue")
    client.post(edit_url(colleague), form_data(colleague, is_superuser="on"))

    assert User.objects.filter(username=NEW_ADDRESS).exists()
    assert not User.objects.filter(is_superuser=True).exists()


def test_an_account_with_more_rights_is_neither_opened_nor_changed(client: Client) -> None:
    for user in stronger_accounts():
        before = User.objects.filter(pk=user.pk).values().get()

        assert client.get(edit_url(user)).status_code == 302
        client.post(
            edit_url(user),
            form_data(user, email="vol@example.org", password1=PASSWORD, password2=PASSWORD),
        )
        client.post(reverse("wagtailusers_users:delete", args=[user.pk]))
        for action, data in (
            ("set_active_state", {"mark_as_active": "False"}),
            ("assign_role", {"role": Group.objects.get(name="Relecture").pk}),
            ("delete", {}),
        ):
            address = reverse("wagtail_bulk_action", args=["core", "user", action])
            client.post(f"{address}?id={user.pk}", data)
            client.post(f"{address}?id=all", data)

        assert User.objects.filter(pk=user.pk).values().get() == before
        assert not user.groups.filter(name="Relecture").exists()


def test_a_group_is_given_to_several_accounts_in_french(client: Client) -> None:
    address = reverse("wagtail_bulk_action", args=["core", "user", "assign_role"])
    colleague, group = member("Relecture", "collegue"), Group.objects.get(name="Coordination")

    html = client.get(f"{address}?id={colleague.pk}").content.decode()
    client.post(f"{address}?id={colleague.pk}", {"role": group.pk})

    assert re.search(r"<label[^>]*>\s*Groupe\b", html)
    assert not re.search(r">\s*Role\b", html)
    assert group in colleague.groups.all()


@pytest.mark.parametrize("give", GIFTS)
def test_a_group_with_more_rights_is_not_joined(
    client: Client, direction: User, give: Callable[[Group], None]
) -> None:
    group = technicians(give)
    colleague = member("Relecture", "collegue")
    role = reverse("wagtail_bulk_action", args=["core", "user", "assign_role"])

    client.post(f"{USERS}new/", new_account(groups=[group.pk]))
    for user in (colleague, direction):
        groups = [*user.groups.values_list("pk", flat=True), group.pk]
        client.post(edit_url(user), form_data(user, groups=groups))
        client.post(f"{role}?id={user.pk}", {"role": group.pk})

    assert not group.user_set.exists()
    assert f'value="{group.pk}"' not in client.get(f"{USERS}new/").content.decode()


@pytest.mark.parametrize("give", GIFTS)
def test_a_group_with_more_rights_is_neither_changed_nor_deleted(
    client: Client, give: Callable[[Group], None]
) -> None:
    group = technicians(give)

    client.post(reverse("wagtailusers_groups:edit", args=[group.pk]), group_form(name="Autre"))
    client.post(reverse("wagtailusers_groups:delete", args=[group.pk]))

    assert Group.objects.filter(pk=group.pk, name="Technique").exists()


def group_form(**changes: Any) -> dict[str, Any]:
    """Return the form of a group without rights, as a browser sends it."""
    client = Client()
    client.force_login(UserFactory(is_superuser=True, username="qui-lit-le-formulaire"))
    html = client.get(f"{GROUPS}new/").content.decode()
    form = next(each for each in Screen(html, f"{GROUPS}new/").forms if each.method == "post")
    User.objects.filter(username="qui-lit-le-formulaire").delete()
    return {**dict(form.sent()), **changes}


def test_direction_makes_a_group_with_rights_that_she_has(client: Client) -> None:
    permission = Permission.objects.get(codename="view_registration")
    page = Page.objects.get(depth=2)

    client.post(
        f"{GROUPS}new/",
        group_form(
            name="Accueil",
            permissions=[permission.pk],
            **{
                "page_permissions-TOTAL_FORMS": "1",
                "page_permissions-0-page": page.pk,
                "page_permissions-0-permissions": ["add_page"],
            },
        ),
    )

    group = Group.objects.get(name="Accueil")
    assert list(group.permissions.all()) == [permission]
    assert [each.page_id for each in group.page_permissions.all()] == [page.pk]


@pytest.mark.parametrize(
    "asked",
    [
        {"permissions": "change_workflow"},
        {"page_permissions-0-permissions": "delete_page"},
        {"collection_permissions-0-permissions": "delete_document"},
    ],
    ids=str,
)
def test_nobody_gives_a_group_a_right_that_they_have_not(
    client: Client, direction: User, asked: dict[str, str]
) -> None:
    ((name, codename),) = asked.items()
    permission = Permission.objects.filter(codename=codename).first()
    assert permission is not None
    value = codename if name.startswith("page") else permission.pk
    page, collection = Page.objects.get(depth=1), Collection.get_first_root_node()
    data = group_form(
        name="Par la fenêtre",
        **{
            "page_permissions-TOTAL_FORMS": "1",
            "page_permissions-0-page": page.pk,
            "collection_permissions-TOTAL_FORMS": "1",
            "collection_permissions-0-collection": collection.pk,
            name: [value],
        },
    )
    own = direction.groups.get()
    before = Standing(direction).by_group[own.pk]

    client.post(f"{GROUPS}new/", data)
    client.post(reverse("wagtailusers_groups:edit", args=[own.pk]), data)

    group = Group.objects.filter(name="Par la fenêtre").first()
    assert group is None or not Standing(direction).by_group[group.pk]
    assert Standing(direction).by_group[own.pk] <= before


def test_a_group_is_offered_the_rights_of_who_makes_it(client: Client) -> None:
    html = client.get(f"{GROUPS}new/").content.decode()
    offered = set(re.findall(r'name="permissions"\s+value="(\d+)"', html))

    codes = set(Permission.objects.filter(pk__in=offered).values_list("codename", flat=True))
    assert {"view_registration", "change_user"} <= codes
    assert not {"change_workflow", "delete_user", "change_site", "change_territory"} & codes


def test_a_right_on_some_pages_is_not_given_on_all(client: Client) -> None:
    """A page is chosen anywhere: what is saved is looked at."""
    manager = Group.objects.create(name="Gestion")
    manager.permissions.set(
        Permission.objects.filter(codename__in=["access_admin", "add_group", "change_group"])
    )
    permission = Permission.objects.get(codename="add_page")
    GroupPagePermission.objects.create(
        group=manager, page=Page.objects.get(depth=2), permission=permission
    )
    user = UserFactory()
    user.groups.add(manager)
    client.force_login(user)
    html = client.get(f"{GROUPS}new/").content.decode()
    assert set(re.findall(r'permissions"\s+value="(\w+_page)"', html)) == {"add_page"}

    def ask(page: Page) -> bool:
        values = {
            "page_permissions-TOTAL_FORMS": "1",
            "page_permissions-0-page": page.pk,
            "page_permissions-0-permissions": ["add_page"],
        }
        client.post(f"{GROUPS}new/", group_form(name=f"Sous {page.pk}", **values))
        return Group.objects.filter(name=f"Sous {page.pk}").exists()

    assert not ask(Page.objects.get(depth=1))
    assert ask(Page.objects.get(depth=2))


@pytest.mark.parametrize("name", KEPT_GROUPS)
def test_the_groups_of_the_site_keep_their_names(client: Client, name: str) -> None:
    group = Group.objects.get(name=name)

    client.post(reverse("wagtailusers_groups:edit", args=[group.pk]), group_form(name="Autre"))
    client.post(reverse("wagtailusers_groups:delete", args=[group.pk]))

    assert Group.objects.filter(pk=group.pk, name=name).exists()


def test_a_superuser_manages_all(editor_client: Client) -> None:
    for user in list(stronger_accounts()):
        editor_client.post(edit_url(user), form_data(user, email="nouvelle@example.org"))
        user.refresh_from_db()
        assert user.email == "nouvelle@example.org"
    editor_client.post(f"{USERS}new/", new_account(is_superuser="on"))
    assert User.objects.get(username=NEW_ADDRESS).is_superuser


def test_lists_cost_the_same_whatever_their_length(
    client: Client, count_queries: Callable[[Callable[[], Any]], int]
) -> None:
    def cost(address: str) -> int:
        client.get(address)
        return count_queries(lambda: client.get(address))

    before = {address: cost(address) for address in (USERS, GROUPS)}
    for number in range(6):
        member(KEPT_GROUPS[number % 4], f"collegue-{number}")
        give_permission(Group.objects.create(name=f"Groupe {number}"))

    assert {address: cost(address) for address in (USERS, GROUPS)} == before


def test_accounts_with_more_rights_lead_nowhere_in_the_list(client: Client) -> None:
    accounts = list(stronger_accounts())
    colleague = member("Coordination", "collegue")

    html = client.get(USERS).content.decode()

    assert edit_url(colleague) in html
    for user in accounts:
        assert user.username in html
        assert edit_url(user) not in html
    assert "&lt;" not in html


def test_nobody_chooses_the_password_of_somebody_else(client: Client) -> None:
    colleague = member("Relecture", "collegue")

    html = client.get(edit_url(colleague)).content.decode()
    client.post(edit_url(colleague), form_data(colleague, password1=PASSWORD, password2=PASSWORD))

    colleague.refresh_from_db()
    assert "password" not in html
    assert not colleague.check_password(PASSWORD)
