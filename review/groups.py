"""The groups of the team and of partners, as the migrations make them."""

from __future__ import annotations

from typing import Any

from wagtail.models import GroupPagePermission

DIRECTION, COORDINATION, REVIEW = "Direction", "Coordination", "Relecture"
PARTNERS = "Partenaires"
TEAM = (DIRECTION, COORDINATION, REVIEW)
PUBLISHERS = (DIRECTION, COORDINATION)
ACCESS = "wagtailadmin.access_admin"


def group_names(user: Any) -> set[str]:
    """Return the names of the groups of a user."""
    return set(user.groups.values_list("name", flat=True))


def is_team(user: Any) -> bool:
    """Return whether a user has something to do in the administration, and is no partner.

    That is the groups above, an account of administration, and any other group with rights.
    """
    if not user.has_perm(ACCESS) or is_partner(user):
        return False
    if user.get_all_permissions() - {ACCESS, "contributions.contribute"}:
        return True
    return GroupPagePermission.objects.filter(group__in=user.groups.all()).exists()


def is_partner(user: Any) -> bool:
    """Return whether a user is a partner, and no member of the team."""
    return group_names(user) == {PARTNERS} and not user.is_superuser
