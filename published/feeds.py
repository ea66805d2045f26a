"""Atom feeds (RFC 4287) of the cards that the API returns too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language

from core.web.links import build_absolute_url, request_origin
from published.composing import Reading
from published.queries import items

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from core.schemas import Card
    from published.listings import Listing

MAX_ITEMS = 30


class AtomFeed(Atom1Feed):
    """An Atom feed that names its language."""

    content_type = "application/atom+xml; charset=utf-8"


class CardFeed(Feed[Any, Any]):
    """Base of the feeds: one for each language, at the address that has its prefix.

    Attributes:
        listing: what it gives, latest first.
        index_kind: the kind of the page that lists them.
        url_name: the name of the feed's own address.
    """

    feed_type = AtomFeed
    listing: Listing[Any, Any]
    index_kind: str
    url_name: str

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return request_origin(request)

    def link(self, origin: str) -> str:
        pages = items(self.index_kind).filter(language=get_language())
        path = pages.values_list("path", flat=True).first()
        return build_absolute_url(path or reverse("wagtail_serve", args=[""]), origin)

    def feed_url(self, origin: str) -> str:
        return build_absolute_url(reverse(self.url_name), origin)

    def items(self, origin: str) -> list[Card]:
        rows = self.listing.all(get_language() or settings.LANGUAGE_CODE)[:MAX_ITEMS]
        return self.listing.compose(rows, Reading(origin))

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
