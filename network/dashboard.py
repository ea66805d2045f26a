"""What the dashboard has of the directory: the entries to verify."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.admin.dashboard import SHOWN_LINES, Block, Line, register_block
from core.languages.times import format_day
from network.models import Structure
from network.queries import structure_items
from network.verification import VERIFICATION_INTERVAL

if TYPE_CHECKING:
    from core.models import User


@register_block(50)
def structures_to_verify(user: User) -> Block | None:
    """Return the public entries that nobody has verified for a year, oldest first."""
    if not user.has_perm("network.change_structure"):
        return None
    limit = timezone.localdate() - VERIFICATION_INTERVAL
    shown = structure_items().filter(thing_id=OuterRef("pk"))
    rows = Structure.objects.filter(
        Exists(shown),
        Q(verified_on=None) | Q(verified_on__lte=limit),
        locale__language_code=settings.LANGUAGE_CODE,
    ).order_by(F("verified_on").asc(nulls_first=True), "name", "pk")
    name = Structure.snippet_viewset.get_url_name
    return Block(
        "structures-to-verify",
        _("Structures à vérifier"),
        "site",
        [
            Line(
                row.name,
                reverse(name("edit"), args=[row.pk]),
                "",
                format_day(row.verified_on) if row.verified_on else _("jamais"),
                is_late=True,
            )
            for row in rows[:SHOWN_LINES]
        ],
        total=rows.count(),
        url=f"{reverse(name('list'))}?ordering=verified_on",
        note=_("En ligne, et pas vérifiées depuis un an."),
    )
