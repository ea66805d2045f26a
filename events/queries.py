"""The events and sessions that the public may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F, Min, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import get_language

from core.schemas import Link
from events.models import EventKind, Session
from published.models import Item
from published.queries import items

if TYPE_CHECKING:
    from django.db.models import QuerySet

EVENT_KINDS = tuple(EventKind.values)
"""The kinds of their items."""

SHOWN_FIELDS = (
    *(field.name for field in Session._meta.concrete_fields if field.name != "join_url"),
    *("page__kind", "page__translation_key", "page__locale__language_code"),
    *(f"page__published_item__{name}" for name in ("path", "slug", "language")),
)


def event_items() -> QuerySet[Item]:
    """Return the visible trainings and webinars, in every language.

    ``next_at`` is when the next session begins, or else when the first one did.
    """
    coming = (
        Session.objects.filter(page=OuterRef("page"), ends_at__gt=timezone.now(), cancelled_at=None)
        .order_by()
        .values("page")
        .values(soonest=Min("starts_at"))
    )
    return items(*EVENT_KINDS).alias(next_at=Coalesce(Subquery(coming), F("starts_at")))


def sessions_with_events() -> QuerySet[Session]:
    """Return sessions with their seats taken and where their events are, without join links."""
    return (
        Session.objects.with_seats_taken()
        .select_related("page__locale", "page__published_item")
        .only(*SHOWN_FIELDS)
        .order_by("starts_at", "pk")
    )


def sessions_of(events: QuerySet[Item]) -> QuerySet[Session]:
    """Return the sessions of events, in their order, without join links."""
    return sessions_with_events().filter(page__in=events.order_by().values("page"))


def visible_sessions() -> QuerySet[Session]:
    """Return the sessions of visible events, without join links."""
    return sessions_of(items(*EVENT_KINDS))


def event_link(session: Session, origin: str) -> Link:
    """Return the link to the event of a session, in the active language where it is translated.

    It has no address once the event is withdrawn.
    """
    language = get_language() or settings.LANGUAGE_CODE
    own = Item.objects.filter(page=session.page_id).only("title", "path", "language").first()
    event = own
    if own is None or own.language != language:
        key = session.page.translation_key
        versions = items(*EVENT_KINDS).filter(translation_key=key, language=language)
        event = versions.filter(is_alias=False).only("title", "path").first() or own
    if event is None:
        return Link.construct_trusted(title=session.title, path="", html_url="")
    return Link.to(event.title, event.path, origin)
