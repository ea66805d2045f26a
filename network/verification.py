"""Verification of entries: its date, and the link by which a structure confirms."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import override
from wagtail.log_actions import log

from core.web.signed_links import BadToken, LinkPurpose, make_token, read_token, signed_path
from network.models import Reminder, Structure
from network.queries import structure_items
from review.actors import acting
from review.flow import begin
from review.provenance import mark_external

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from core.models import User

VERIFICATION_INTERVAL = timedelta(days=365)
ACTION = "network.verify"


def _decode(value: Any) -> tuple[int, str]:
    pk, verified_on = value
    return int(pk), str(verified_on)


VERIFY: LinkPurpose[tuple[int, str]] = LinkPurpose(
    "network:confirm", "network.verification", timedelta(days=90), encode=list, decode=_decode
)
"""Its links carry a structure, and the date of the verification that it was asked about."""


def verification_token(structure: Structure) -> str:
    """Return the token by which a structure answers about its current verification."""
    return make_token(VERIFY, (structure.pk, _verified_on(structure)))


def verification_url(structure: Structure) -> str:
    """Return the absolute address at which a structure confirms its entry."""
    with override(structure.locale.language_code):
        path = signed_path(VERIFY, (structure.pk, _verified_on(structure)))
    return f"{settings.WAGTAILADMIN_BASE_URL}{path}"


def structure_from_token(token: str) -> tuple[Structure, bool]:
    """Return the structure of a link, and whether it was verified since.

    Raises:
        BadToken: the token is wrong, or its structure is no longer public.
    """
    pk, verified_on = read_token(VERIFY, token)
    shown = structure_items().filter(thing_id=pk)
    structure = Structure.objects.filter(Exists(shown), pk=pk).select_related("locale").first()
    if structure is None:
        raise BadToken
    return structure, _verified_on(structure) != verified_on


def _verified_on(structure: Structure) -> str:
    return structure.verified_on.isoformat() if structure.verified_on else ""


@transaction.atomic
def mark_verified(
    structures: Sequence[Structure], day: date | None = None, user: User | None = None
) -> int:
    """Set the verification date of entries and of their drafts.

    A draft holds its own date, which would come back when it is published.
    """
    day = day or timezone.localdate()
    for structure in structures:
        structure.verified_on = day
        structure.save(update_fields=["verified_on"])
        if structure.has_unpublished_changes:
            draft = structure.get_latest_revision_as_object()
            draft.verified_on = day
            # Its words are as they were, and so are the approvals that they got.
            draft.save_revision(user=user, clean=False)
        log(structure, ACTION, user=user, data={"day": day.isoformat()})
    return len(structures)


def due_structures(day: date) -> QuerySet[Structure]:
    """Return the public entries unconfirmed for a year that have an e-mail address."""
    shown = structure_items().filter(thing_id=OuterRef("pk"))
    return (
        Structure.objects.filter(Exists(shown), verified_on__lte=day - VERIFICATION_INTERVAL)
        .exclude(email="")
        .select_related("locale")
        .order_by("pk")
    )


def claim_reminder(structure: Structure) -> bool:
    """Record a reminder, and return whether it is the first for this date."""
    if structure.verified_on is None:
        return False
    _reminder, is_new = Reminder.objects.get_or_create(
        structure=structure, due_since=structure.verified_on
    )
    return is_new


CORRECTABLE = (
    "name",
    "acronym",
    "description",
    "phone",
    "email",
    "website",
    "opening_hours",
    "services",
    "audiences",
)
PLACE = ("street", "postcode", "municipality")


@transaction.atomic
def submit_correction(structure: Structure, changes: dict[str, Any], message: str) -> Structure:
    """Save a structure's correction as a draft to review, never live.

    It goes on top of a draft that may wait already.
    """
    draft = structure.get_latest_revision_as_object()
    for name, value in changes.items():
        setattr(draft, name, value)
    draft.verified_on = timezone.localdate()
    # Each value was checked by itself. Checked together, an error would tell whether a text has
    # guessed a confidential address; the editor who publishes is told instead.
    with acting(system="correction"):
        revision = draft.save_revision(clean=False, log_action=True)
    live = Structure.objects.get(pk=structure.pk)
    if changes:
        # Who holds the link is not known: it may have been passed on.
        mark_external(live)
    log(live, "network.correct", data={"message": message})
    begin(live, user=None)
    assert revision.pk  # noqa: S101
    return live
