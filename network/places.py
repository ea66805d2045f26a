"""Access to the place and contacts of a structure. Nothing else decides it.

The rule: of a structure whose address is confidential (a shelter, for example), any
reader learns the department and nothing more; neither its page nor the API,
an export, a filter, an order or the search index may depend on the rest. The
place and the contacts of the others have each a visibility.

What a reader gets was admitted, and the most restrictive holds of what was admitted with it and
of what the rows of the structure have now, in any language: what is made confidential is hidden
at once, everywhere. :class:`Disclosure` decides it for one structure in Python,
:func:`network.queries.place_shown` is the same in SQL. Filters and orders never touch
coordinates but where it holds, as if the place of the others were not there.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser

    from core.models import User

EDIT = "network.change_structure"


class AccessLevel(IntEnum):
    """What a reader may know of a structure."""

    PUBLIC = 0
    MEMBER = 1
    """Signed in: a member of the network."""
    TEAM = 2
    """Someone who may edit structures, in the admin or with a token of theirs."""


class Visibility(models.IntegerChoices):
    """The lowest access level that shows a place or contacts."""

    PUBLIC = AccessLevel.PUBLIC, _("Tout le monde")
    MEMBERS = AccessLevel.MEMBER, _("Les membres du réseau, une fois identifiés")
    TEAM = AccessLevel.TEAM, _("L'équipe seulement")


def access_level_of(user: User | AnonymousUser) -> AccessLevel:
    """Return the access level of a user."""
    if not user.is_authenticated or not user.is_active:
        return AccessLevel.PUBLIC
    return AccessLevel.TEAM if user.has_perm(EDIT) else AccessLevel.MEMBER


PLACE_FIELDS = (
    *("street", "postcode", "municipality", "municipality_code"),
    *("latitude", "longitude"),
)
"""What a confidential address hides."""


class Disclosure(NamedTuple):
    """Who may know the place and the contacts of a structure."""

    is_confidential: bool
    place_visibility: int
    contact_visibility: int

    @property
    def place_level(self) -> int:
        """The lowest access level that shows more of the place than its department."""
        return int(AccessLevel.TEAM if self.is_confidential else self.place_visibility)

    def shows_place(self, access_level: int) -> bool:
        """Return whether this reader may know more of the place than its department."""
        return access_level >= self.place_level

    def shows_contacts(self, access_level: int) -> bool:
        """Return whether this reader may know telephone number, e-mail address and website."""
        return access_level >= self.contact_visibility

    def restricted_by(self, others: Iterable[Disclosure]) -> Disclosure:
        """Return the most restrictive of this and others."""
        return Disclosure(*map(max, zip(self, *others, strict=True)))
