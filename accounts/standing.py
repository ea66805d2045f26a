"""What accounts and groups may do, to compare one with another."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.utils.functional import cached_property
from wagtail.models import (
    AbstractGroupApprovalTask,
    GroupCollectionPermission,
    GroupPagePermission,
    GroupSitePermission,
)

from review.groups import PARTNERS, TEAM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.models import QuerySet

    from core.models import User

KEPT_GROUPS = (*TEAM, PARTNERS)
"""Groups that the program knows by their names."""

EVERYWHERE = ""
Right = tuple[str, int, str]
"""A kind of right, the key of its permission or step, and the place below which it is held."""


def rights_by_group() -> dict[int, set[Right]]:
    """Return all that each group may do, by its key."""
    found: dict[int, set[Right]] = defaultdict(set)
    for group, right in _group_rights():
        found[group].add(right)
    return found


def _group_rights() -> Iterator[tuple[int, Right]]:
    given = Group.permissions.through._default_manager.values_list("group_id", "permission_id")
    for group, permission in given:
        yield group, ("permission", permission, EVERYWHERE)
    places = (
        (GroupPagePermission, "page__path"),
        (GroupCollectionPermission, "collection__path"),
        (GroupSitePermission, "site_id"),
    )
    for model, place in places:
        rows = model._default_manager.values_list("group_id", "permission_id", place)
        for group, permission, where in rows:
            # A site is below no other.
            path = where if isinstance(where, str) else f"{where}/"
            yield group, (model.__name__, permission, path)
    models: list[Any] = apps.get_models()
    for task in models:
        if issubclass(task, AbstractGroupApprovalTask):
            steps = task.groups.through._default_manager
            field: Any = task._meta.get_field("groups")
            own_key = field.m2m_column_name()
            for group, step in steps.values_list("group_id", own_key):
                yield group, ("step", step, EVERYWHERE)


class Standing:
    """Which accounts and groups somebody may manage: those with no right that they have not.

    The rights are those at the time of the first question.
    """

    def __init__(self, user: User) -> None:
        self.user = user

    @cached_property
    def by_group(self) -> dict[int, set[Right]]:
        return rights_by_group()

    @cached_property
    def own(self) -> dict[tuple[str, int], list[str]]:
        """Return the places at which each right is held."""
        places = defaultdict(list)
        for key in self.open_to_all:
            places["permission", key].append(EVERYWHERE)
        for kind, key, place in self._rights_of(self.user):
            places[kind, key].append(place)
        return places

    @cached_property
    def open_to_all(self) -> set[int]:
        """Return the permission to do what visitors do, which anybody may give."""
        found = Permission.objects.filter(
            content_type__app_label="contributions", codename="contribute"
        )
        return set(found.values_list("pk", flat=True))

    def _rights_of(self, user: User) -> Iterator[Right]:
        # Whether or not the account is active: it may become so.
        for group in user.groups.all():
            yield from self.by_group.get(group.pk, ())
        for permission in user.user_permissions.all():
            yield "permission", permission.pk, EVERYWHERE

    def covers(self, rights: Iterable[Right]) -> bool:
        """Return whether this person has all of some rights."""
        return self.user.is_superuser or all(
            any(place.startswith(held) for held in self.own.get((kind, key), ()))
            for kind, key, place in rights
        )

    def may_manage(self, account: User) -> bool:
        """Return whether an account has no right that this person has not."""
        if account.is_superuser and not self.user.is_superuser:
            return False
        return self.covers(self._rights_of(account))

    def may_give(self, group: Group) -> bool:
        """Return whether a group has no right that this person has not."""
        return self.covers(self.by_group.get(group.pk, ()))

    def groups(self) -> QuerySet[Group]:
        """Return the groups that this person may change, and give to an account."""
        groups = Group.objects.all()
        return groups.filter(pk__in=[each.pk for each in groups if self.may_give(each)])

    def narrow(self, permissions: QuerySet[Permission]) -> QuerySet[Permission]:
        """Return those of some permissions that this person has, wherever that is."""
        if self.user.is_superuser:
            return permissions
        return permissions.filter(pk__in={key for kind, key in self.own if kind != "step"})
