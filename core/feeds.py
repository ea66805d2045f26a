"""Atom feeds (RFC 4287) of the cards that the API returns too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language

from core.queries import visible
from core.web.links import build_absolute_url, page_path, request_origin

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from core.models import IndexPage
    from core.schemas import Card

MAX_ITEMS = 30


class AtomFeed(Atom1Feed):
    """An Atom feed that names its language."""

    content_type = "application/atom+xml; charset=utf-8"


class CardFeed(Feed[Any, Any]):
    """Base of the feeds: one for each language, at the address that has its prefix.

    Attributes:
        rows: gives the visible rows in a language, latest first.
        serialize: builds the card of one row.
        index: the type of the page that lists them.
        url_name: the name of the feed's own address.
    """

    feed_type = AtomFeed
    rows: Callable[[str], QuerySet[Any]]
    serialize: Callable[[Any, str], Card]
    index: type[IndexPage]
    url_name: str

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return request_origin(request)

    def link(self, origin: str) -> str:
        pages = visible(self.index.objects.filter(locale__language_code=get_language()))
        page = pages.select_related("locale").first()
        return build_absolute_url(
            page_path(page) if page else reverse("wagtail_serve", args=[""]), origin
        )

    def feed_url(self, origin: str) -> str:
        return build_absolute_url(reverse(self.url_name), origin)

    def items(self, origin: str) -> list[Card]:
        feed = type(self)
        rows = feed.rows(get_language() or settings.LANGUAGE_CODE)
        return [feed.serialize(row, origin) for row in rows[:MAX_ITEMS]]

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
