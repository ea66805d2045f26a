"""Querysets of the events and sessions that the public may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import F, Min, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone
from django.utils.translation import get_language
from wagtail.models import Page

from core.models import Audience, Theme
from core.queries import filter_by_locale, visible
from core.schemas import prefetch_card
from events.models import EventKind, EventPage, Session

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from wagtail.query import PageQuerySet


def published_events(locale: str, fallback: bool = False) -> PageQuerySet[EventPage]:
    """Return the visible trainings and webinars in a language, with what their cards show.

    ``next_at`` is when the next session begins, or else when the first one did.
    The number of queries does not depend on the number of rows.

    Args:
        locale: the language (BCP 47).
        fallback: whether French may stand in for what has no translation.
    """
    coming = (
        Session.objects.filter(page=OuterRef("pk"), ends_at__gt=timezone.now(), cancelled_at=None)
        .order_by()
        .values("page")
        .values(soonest=Min("starts_at"))
    )
    return (
        filter_by_locale(visible(EventPage.objects.all()), locale, fallback)
        .alias(next_at=Coalesce(Subquery(coming), F("first_at")))
        # Long or secret, and no card shows them.
        .defer("body", "trainingpage__goals", "webinarpage__join_url")
        .select_related("locale", "image", "trainingpage", "webinarpage")
        .prefetch_related(
            Prefetch("themes", Theme.objects.all()),
            Prefetch("audiences", Audience.objects.all()),
            Prefetch("sessions", sessions_for_cards()),
            prefetch_card("image"),
        )
        .order_by("next_at", "pk")
    )


def localized_event(event: EventPage) -> Page:
    """Return the translation of an event into the active language, or itself if there is none."""
    language = get_language() or settings.LANGUAGE_CODE
    if event.locale.language_code == language:
        return event
    translations = Page.objects.filter(
        translation_key=event.translation_key, locale__language_code=language, alias_of=None
    )
    return visible(translations).select_related("locale").first() or event


def sessions_for_cards() -> QuerySet[Session]:
    """Return sessions with their seats taken, without their join links."""
    return Session.objects.with_seats_taken().select_related("department").defer("join_url")


def upcoming_ids(index: Page, limit: int) -> list[int]:
    """Return the keys of the next events below an index page."""
    rows = published_events(index.locale.language_code).child_of(index)
    coming = rows.filter(last_at__gt=timezone.now())
    return list(coming.values_list("pk", flat=True)[:limit])


def event_or_404(pk: int) -> EventPage:
    """Return one visible training or webinar, as its specific type.

    Raises:
        Http404: there is none.
    """
    event = (
        visible(EventPage.objects.filter(pk=pk))
        .select_related("trainingpage__locale", "webinarpage__locale")
        .first()
    )
    if event is None:
        raise Http404
    return specific_event(event)


def specific_event(event: EventPage) -> EventPage:
    """Return an event as a training or a webinar, without a query if both were joined to it."""
    specific: EventPage = (
        event.trainingpage if event.kind == EventKind.TRAINING else event.webinarpage
    )
    return specific


def visible_sessions() -> QuerySet[Session]:
    """Return the sessions of visible events with their seats taken, without join links."""
    return sessions_for_cards().filter(page__in=visible(EventPage.objects.all()).values("pk"))
