"""What the dashboard has of events: the sessions of the coming fortnight, with their seats."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin.dashboard import SHOWN_LINES, Block, Line, register_block
from core.languages.times import format_moment
from events.admin_lists import with_counts
from events.admin_views import registrations_url
from events.models import Session

if TYPE_CHECKING:
    from core.models import User

FORTNIGHT = timedelta(days=14)


@register_block(40)
def coming_sessions(user: User) -> Block | None:
    """Return the sessions of the coming fortnight, soonest first."""
    if not user.has_perm("events.view_registration"):
        return None
    now = timezone.now()
    rows = (
        with_counts(Session.objects.all())
        .filter(cancelled_at=None, ends_at__gt=now, starts_at__lt=now + FORTNIGHT)
        .select_related("page")
        .order_by("starts_at", "pk")
    )
    return Block(
        "coming-sessions",
        _("Sessions des quinze prochains jours"),
        "calendar-alt",
        [
            Line(row.title, registrations_url(row), format_moment(row.starts_at), _seats(row))
            for row in rows[:SHOWN_LINES]
        ],
        total=rows.count(),
        url=reverse("event_sessions:index"),
    )


def _seats(session: Session) -> str:
    taken: int = session.seats_taken  # type: ignore[attr-defined]
    waiting: int = session.waiting_count  # type: ignore[attr-defined]
    if session.capacity is None:
        seats = ngettext("%(taken)s inscription", "%(taken)s inscriptions", taken)
    else:
        seats = ngettext(
            "%(taken)s place prise sur %(capacity)s",
            "%(taken)s places prises sur %(capacity)s",
            taken,
        )
    values = {"taken": taken, "capacity": session.capacity, "waiting": waiting}
    if waiting:
        seats += _(", %(waiting)s en attente")
    return seats % values
