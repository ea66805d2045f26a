"""What moves beside the words of events: their sessions, the seats left, the clock."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from core.references import Ref
from core.web.links import build_absolute_url
from events.models import EventKind, EventPage
from events.queries import sessions_with_events
from events.schemas import agenda_words, price_label
from published.composing import FIRST, Reading, resolves
from published.resolvers import register_label

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from events.models import Session

register_label("event_kind", lambda kind: str(EventKind(kind).label))
register_label("price", price_label)


@resolves("sessions", stage=FIRST)
def resolve_sessions(refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]:
    """Look up the sessions of events: one query for all, and those that a preview plans."""
    ids = {ref.key[0] for ref in refs}
    by_event: dict[int, list[Session]] = defaultdict(list)
    draft = reading.draft
    if isinstance(draft, EventPage):
        by_event[draft.pk or 0] = draft.displayed_sessions()
    for session in sessions_with_events().filter(page__in=ids - set(by_event)):
        by_event[session.page_id].append(session)
    words = {
        pk: agenda_words(by_event[pk], reading)
        | {"calendar_url": _calendar_url(pk, reading.origin)}
        for pk in ids
    }
    return {ref: words[ref.key[0]][ref.key[1]] for ref in refs}


def _calendar_url(page_id: int, origin: str) -> str:
    return build_absolute_url(reverse("api_v1:get_event_calendar", args=[page_id]), origin)
