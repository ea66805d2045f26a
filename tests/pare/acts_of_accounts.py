"""How the acts of the table of rights are done on accounts and groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.urls import reverse
from wagtail.models import ModelLogEntry

from accounts.models import AccessReview
from core.models import User
from tests.accounts.factors import give_factor
from tests.factories.contributions import member
from tests.pare.acts import NEW, act, maker, seen
from tests.screens import Screen

if TYPE_CHECKING:
    from tests.pare.acts import Doing, Stage

STRONGER = "stronger"
PASSWORD = "un mot de passe assez long 42"
NEW_ADDRESS = "nouvelle@example.org"
FACTOR, INVITED = "with a second factor", "invited"


def technicians() -> Group:
    """Return a group that has a right which nobody of the team has."""
    group, _made = Group.objects.get_or_create(name="Technique")
    group.permissions.add(Permission.objects.get(codename="change_workflow"))
    return group


# Accounts


@maker("account")
def make_account(stage: Stage, model: Any, state: str) -> User:
    user = member("Relecture", f"compte-{state or 'ordinaire'}", first_name="Une", last_name="Amie")
    if state == STRONGER:
        user.groups.add(technicians())
    if state == FACTOR:
        give_factor(user)
    if state == INVITED:
        user.set_unusable_password()
        user.save()
    return user


def account_data(user: User | None = None, **changes: Any) -> dict[str, Any]:
    groups = list(user.groups.values_list("pk", flat=True)) if user else []
    return {
        "username": user.username if user else "",
        "email": "adresse@example.org" if user else NEW_ADDRESS,
        "first_name": "Une",
        "last_name": "Amie",
        "is_active": "on",
        "groups": groups,
    } | changes


def send_account(doing: Doing, **changes: Any) -> User:
    address = reverse("wagtailusers_users:edit", args=[doing.thing.pk])
    doing.post(address, account_data(doing.thing, **changes))
    found: User = doing.now()
    return found


@act("voir les comptes", "account")
def see_accounts(doing: Doing) -> bool:
    return seen(doing, "wagtailusers_users:index")


@act("créer un compte", "account")
def create_account(doing: Doing) -> bool:
    doing.post(reverse("wagtailusers_users:add"), account_data())
    return User.objects.filter(username=NEW_ADDRESS).exists()


@act("inviter une personne à nouveau", "account", needs=INVITED)
def invite_again(doing: Doing) -> bool:
    doing.post(reverse("accounts_invite", args=[doing.thing.pk]))
    return ModelLogEntry.objects.filter(action="accounts.invited").exists()


@act("réinitialiser un second facteur", "account", needs=FACTOR)
def reset_factor(doing: Doing) -> bool:
    doing.post(reverse("accounts_reset", args=[doing.thing.pk]))
    return not Authenticator.objects.filter(user=doing.thing).exists()


@act("réinitialiser son propre second facteur", "account")
def reset_own_factor(doing: Doing) -> bool:
    give_factor(doing.user)
    doing.post(reverse("accounts_reset", args=[doing.user.pk]))
    return not Authenticator.objects.filter(user=doing.user).exists()


@act("fermer l'accès d'une personne qui part", "account")
def close_access(doing: Doing) -> bool:
    doing.post(reverse("accounts_leave", args=[doing.thing.pk]))
    return not doing.now().is_active


@act("revoir un accès", "account")
def review_access(doing: Doing) -> bool:
    doing.post(reverse("accounts_access_review"), {"account": doing.thing.pk})
    return AccessReview.objects.filter(account=doing.thing).exists()


@act("modifier un compte", "account")
@act("modifier un compte qui a plus de droits", "account", needs=STRONGER)
def change_account(doing: Doing) -> bool:
    return send_account(doing, last_name=NEW).last_name == NEW


@act("changer le mot de passe d'un compte", "account")
@act("changer le mot de passe d'un compte qui a plus de droits", "account", needs=STRONGER)
def change_password(doing: Doing) -> bool:
    changed = send_account(doing, password1=PASSWORD, password2=PASSWORD)
    return bool(changed.check_password(PASSWORD))


@act("désactiver un compte", "account")
@act("désactiver un compte qui a plus de droits", "account", needs=STRONGER)
def deactivate_account(doing: Doing) -> bool:
    address = reverse("wagtail_bulk_action", args=["core", "user", "set_active_state"])
    doing.post(f"{address}?id={doing.thing.pk}", {"mark_as_active": "False"})
    return not doing.now().is_active


def join(doing: Doing, group: Group) -> bool:
    """Return whether one of the two ways of joining a group was open."""
    address = reverse("wagtail_bulk_action", args=["core", "user", "assign_role"])
    doing.post(f"{address}?id={doing.thing.pk}", {"role": group.pk})
    groups = {group.pk, *doing.thing.groups.values_list("pk", flat=True)}
    return send_account(doing, groups=list(groups)).groups.filter(pk=group.pk).exists()


@act("donner un groupe à un compte", "account")
def give_group(doing: Doing) -> bool:
    return join(doing, Group.objects.get(name="Direction"))


@act("donner un groupe qui a plus de droits", "account")
def give_stronger_group(doing: Doing) -> bool:
    return join(doing, technicians())


@act("supprimer un compte", "account")
def delete_account(doing: Doing) -> bool:
    doing.post(reverse("wagtailusers_users:delete", args=[doing.thing.pk]))
    return not User.objects.filter(pk=doing.thing.pk).exists()


# Groups


@maker("group")
def make_group(stage: Stage, model: Any, state: str) -> Group:
    made: Group = technicians() if state == STRONGER else Group.objects.create(name="Accueil")
    return made


def send_group(doing: Doing, address: str, **changes: Any) -> None:
    """Send the form of a group with no right but those asked for."""
    if not hasattr(doing.stage, "group_form"):
        html = administrator(doing).get(reverse("wagtailusers_groups:add")).content.decode()
        (form,) = (each for each in Screen(html, "/").forms if each.method == "post")
        doing.stage.group_form = dict(form.sent())  # type: ignore[attr-defined]
    doing.post(address, doing.stage.group_form | changes)  # type: ignore[attr-defined]


def administrator(doing: Doing) -> Any:
    client = type(doing.client)()
    client.force_login(doing.stage.admin)
    return client


@act("voir les groupes", "group")
def see_groups(doing: Doing) -> bool:
    return seen(doing, "wagtailusers_groups:index")


@act("créer un groupe", "group")
def create_group(doing: Doing) -> bool:
    send_group(doing, reverse("wagtailusers_groups:add"), name=NEW)
    return Group.objects.filter(name=NEW).exists()


@act("modifier un groupe", "group")
@act("modifier un groupe qui a plus de droits", "group", needs=STRONGER)
def change_group(doing: Doing) -> bool:
    send_group(doing, reverse("wagtailusers_groups:edit", args=[doing.thing.pk]), name=NEW)
    return bool(doing.now().name == NEW)


@act("donner à un groupe un droit que l'on n'a pas", "group")
def give_stronger_right(doing: Doing) -> bool:
    right = Permission.objects.get(codename="change_workflow")
    address = reverse("wagtailusers_groups:edit", args=[doing.thing.pk])
    send_group(doing, address, name=NEW, permissions=[right.pk])
    return bool(doing.now().permissions.filter(pk=right.pk).exists())


@act("supprimer un groupe", "group")
def delete_group(doing: Doing) -> bool:
    doing.post(reverse("wagtailusers_groups:delete", args=[doing.thing.pk]))
    return not Group.objects.filter(pk=doing.thing.pk).exists()
