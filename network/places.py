"""Access to the place and contacts of a structure. Nothing else decides it.

The rule: of a structure whose address is confidential (a shelter, for example), any
reader learns the department and nothing more; neither its page nor the API,
an export, a filter, an order or the search index may depend on the rest. The
place and the contacts of the others have each a visibility.

:func:`is_place_shown` decides for one structure in Python, :func:`place_shown`
is the same in SQL. Filters and orders never touch the columns themselves
but what :func:`with_shown_places` makes of them: ``NULL`` where the reader
may not know, as if the place were not there.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from decimal import Decimal

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


class Place(NamedTuple):
    """Where a structure is, as far as its reader may know."""

    street: str = ""
    postcode: str = ""
    municipality: str = ""
    municipality_code: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None


class HasPlace(Protocol):
    """What a structure has that decides who may know where it is."""

    is_confidential: Any
    place_visibility: Any
    contact_visibility: Any


PLACE_FIELDS = Place._fields
NOWHERE = Place()


def is_place_shown(structure: HasPlace, access_level: AccessLevel) -> bool:
    """Return whether this reader may know more of the place than its department."""
    if structure.is_confidential:
        return access_level >= AccessLevel.TEAM
    return access_level >= structure.place_visibility


def place_shown(access_level: AccessLevel) -> Q:
    """Return the condition of :func:`is_place_shown` in SQL."""
    if access_level >= AccessLevel.TEAM:
        return ~Q(pk=None)
    return Q(is_confidential=False, place_visibility__lte=int(access_level))


def visible_place(structure: HasPlace, access_level: AccessLevel = AccessLevel.PUBLIC) -> Place:
    """Return the place of a structure, empty if this reader may not know it."""
    if not is_place_shown(structure, access_level):
        return NOWHERE
    return Place(*(getattr(structure, name) for name in PLACE_FIELDS))


def are_contacts_shown(structure: HasPlace, access_level: AccessLevel) -> bool:
    """Return whether this reader may know the telephone number, e-mail address and website."""
    return access_level >= structure.contact_visibility


def with_shown_places(rows: QuerySet[Any], access_level: AccessLevel) -> QuerySet[Any]:
    """Add ``shown_latitude`` and ``shown_longitude``: ``NULL`` where the place is hidden.

    These are the only columns by which rows may be kept or ordered by place.
    """
    shown = place_shown(access_level)

    def column(name: str) -> Any:
        return Case(
            When(shown, then=Cast(F(name), models.FloatField())),
            default=Value(None, output_field=models.FloatField()),
        )

    return rows.alias(shown_latitude=column("latitude"), shown_longitude=column("longitude"))
