"""What the dashboard has of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access_review import INTERVAL, to_review
from core.admin.dashboard import SHOWN_LINES, Block, Line, register_block
from core.languages.times import format_day

if TYPE_CHECKING:
    from core.models import User


@register_block(70)
def accesses_to_review(user: User) -> Block | None:
    """Return the accounts that nobody looked at for a year, to those who manage accounts."""
    if not user.has_perm("core.change_user"):
        return None
    rows = to_review()
    address = reverse("accounts_access_review")
    late = timezone.now() - INTERVAL * 1.1
    return Block(
        "accesses-to-review",
        _("Accès à revoir"),
        "user",
        [
            Line(
                account.display_name,
                address,
                ", ".join(group.name for group in account.groups.all()),
                _("dernière connexion : %(day)s")
                % {"day": format_day(timezone.localdate(account.last_login))}
                if account.last_login
                else _("jamais connecté·e"),
                account.reviewed_at < late,
            )
            for account in rows[:SHOWN_LINES]
        ],
        total=rows.count(),
        url=address,
        note=_("Une fois par an : chaque personne a-t-elle encore besoin de son accès ?"),
    )
