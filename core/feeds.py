"""Atom feeds (RFC 4287) made of cards: a feed says what the API says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.syndication.views import Feed
from django.utils.feedgenerator import Atom1Feed

from core.links import absolute, origin_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from core.schemas import Card

LENGTH = 30


class AtomFeed(Atom1Feed):
    """An Atom feed that names its language."""

    content_type = "application/atom+xml; charset=utf-8"


class CardFeed(Feed[Any, Any]):
    """Base of the feeds.

    Attributes:
        rows: gives the visible rows, latest first.
        say: says one row as a card.
        section: path of the page that lists them.
        path: path of the feed itself.
    """

    feed_type = AtomFeed
    rows: Callable[[], QuerySet[Any]]
    say: Callable[[Any, str], Card]
    section = "/"
    path = "/"

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return origin_of(request)

    def link(self, origin: str) -> str:
        return absolute(self.section, origin)

    def feed_url(self, origin: str) -> str:
        return absolute(self.path, origin)

    def items(self, origin: str) -> list[Card]:
        said = type(self)
        return [said.say(row, origin) for row in said.rows()[:LENGTH]]

    def item_link(self, item: Card) -> str:
        return item.html_url

    def item_guid(self, item: Card) -> str:
        return item.html_url

    def item_title(self, item: Card) -> str:
        return item.title

    def item_description(self, item: Card) -> str:
        return item.summary

    def item_pubdate(self, item: Card) -> datetime | None:
        return item.published_at

    def item_updateddate(self, item: Card) -> datetime | None:
        return item.updated_at
