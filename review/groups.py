"""The groups of the team and of partners, as the migrations make them."""

from __future__ import annotations

from typing import Any

DIRECTION, COORDINATION, REVIEW = "Direction", "Coordination", "Relecture"
PARTNERS = "Partenaires"
TEAM = (DIRECTION, COORDINATION, REVIEW)
PUBLISHERS = (DIRECTION, COORDINATION)


def group_names(user: Any) -> set[str]:
    """Return the names of the groups of a user."""
    return set(user.groups.values_list("name", flat=True))


def is_team(user: Any) -> bool:
    """Return whether a user is a member of the team, or has an account of administration."""
    return user.is_superuser or not group_names(user).isdisjoint(TEAM)


def is_partner(user: Any) -> bool:
    """Return whether a user is a partner, and no member of the team."""
    return group_names(user) == {PARTNERS} and not user.is_superuser
