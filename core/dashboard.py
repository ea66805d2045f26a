"""What the dashboard has of translations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.utils import get_latest_str

from core.admin.dashboard import SHOWN_LINES, Block, Line, register_block
from core.compat.admin import AdminURLFinder
from core.languages.outdated import outdated_translations, why_outdated, with_things

if TYPE_CHECKING:
    from core.models import User


@register_block(80)
def translations_to_update(user: User) -> Block:
    """Return the translations to update of what this user may change."""
    rows = outdated_translations(user)
    finder = AdminURLFinder(user)
    return Block(
        "outdated-translations",
        _("Traductions à reprendre"),
        "wagtail-localize-language",
        [
            Line(
                get_latest_str(row.thing),
                finder.get_edit_url(row.thing) or "",
                why_outdated(row),
                row.language,
            )
            for row in with_things(rows[:SHOWN_LINES])
        ],
        total=rows.count(),
        url=reverse("wagtail_localize:translations_report"),
        is_folded=True,
    )
