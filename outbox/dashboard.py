"""What the dashboard has of e-mails: those that do not leave."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from core.admin.dashboard import SHOWN_LINES, Block, Line, register_block
from core.languages.times import format_day
from outbox.admin_views import CHANGE_EMAILS, State, list_path
from outbox.labels import label_of
from outbox.models import OutgoingEmail
from outbox.reasons import describe_state

if TYPE_CHECKING:
    from core.models import User

LATE = timedelta(hours=1)
"""After which a letter should have left."""


@register_block(15)
def stuck_emails(user: User) -> Block | None:
    """Return the letters that were refused or given up, and those that wait for an hour."""
    if not user.has_perm(CHANGE_EMAILS):
        return None
    emails = OutgoingEmail.objects.defer("html", "headers", "attachments")
    late = emails.unsent().filter(created_at__lt=timezone.now() - LATE)
    rows = (late | emails.lost()).order_by("created_at", "pk")
    states = [*OutgoingEmail.LOST, State.WAITING]
    return Block(
        "stuck-emails",
        _("E-mails qui ne partent pas"),
        "mail",
        [
            Line(
                label_of(row.kind),
                list_path(state=states, q=row.address),
                describe_state(row) or _("aucun essai : prévenez qui tient le serveur"),
                format_day(timezone.localdate(row.created_at)),
                is_late=row.state in OutgoingEmail.LOST,
            )
            for row in rows[:SHOWN_LINES]
        ],
        total=rows.count(),
        url=list_path(state=states),
    )
