"""Atom feeds (RFC 4287) of the cards that the API returns too."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language

from core.api.reading import cached_read
from core.web.links import build_absolute_url, request_origin
from published.composing import Reading
from published.queries import items

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from core.schemas import Card
    from published.listings import Listing

MAX_ITEMS = 30
FEEDS = UUID("0f6c6f0e-5d0b-4a5e-9c1e-6a1d7f7b8a42")
"""Of which the identifiers of feeds are made; it must not change."""
NOTHING_YET = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed without entries was updated: before any of ours had one."""


class Entry(NamedTuple):
    """A card, and what it lacks of an entry: an identifier for ever."""

    card: Card
    id: str
    authors: Sequence[str]


class AtomFeed(Atom1Feed):
    """An Atom feed that names its language, and the authors of each entry."""

    content_type = "application/atom+xml; charset=utf-8"

    def latest_post_date(self) -> datetime:
        """Return when an entry was last updated: of a feed without any, always the same."""
        latest: datetime = super().latest_post_date() if self.items else NOTHING_YET
        return latest

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        """Add the elements of an entry; one without authors has those of the feed (4.2.1)."""
        super().add_item_elements(handler, item)
        for name in item["authors"]:
            handler.startElement("author", {})
            handler.addQuickElement("name", name)
            handler.endElement("author")


class CardFeed(Feed[Any, Any]):
    """Base of the feeds: one for each language, at the address that has its prefix.

    Identifiers are those of the things, and not their addresses, which change (RFC 4287, 4.2.6).

    Attributes:
        listing: what it gives, latest first.
        index_kind: the kind of the page that lists them.
        url_name: the name of the feed's own address.
    """

    feed_type = AtomFeed
    listing: Listing[Any, Any]
    index_kind: str
    url_name: str

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the feed, cached as the answers of the API are."""

        def build() -> HttpResponse:
            return super(CardFeed, self).__call__(request, *args, **kwargs)

        return cached_read(request, build)

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> str:
        return request_origin(request)

    def link(self, origin: str) -> str:
        pages = items(self.index_kind).filter(language=get_language())
        path = pages.values_list("path", flat=True).first()
        return build_absolute_url(path or reverse("wagtail_serve", args=[""]), origin)

    def feed_url(self, origin: str) -> str:
        return build_absolute_url(reverse(self.url_name), origin)

    def feed_guid(self, origin: str) -> str:
        return identify(FEEDS, f"{self.url_name}/{get_language()}")

    def author_name(self, origin: str) -> str:
        return settings.WAGTAIL_SITE_NAME

    def author_link(self, origin: str) -> str:
        return build_absolute_url(reverse("wagtail_serve", args=[""]), origin)

    def items(self, origin: str) -> list[Entry]:
        rows = list(self.listing.all(get_language() or settings.LANGUAGE_CODE)[:MAX_ITEMS])
        by_id = {row.thing_id: row for row in rows}
        cards = self.listing.compose(rows, Reading(origin))
        return [
            Entry(
                card,
                identify(by_id[card.id].translation_key, card.locale),
                [author.name for author in getattr(card, "authors", ())],
            )
            for card in cards
        ]

    def item_link(self, item: Entry) -> str:
        return item.card.html_url

    def item_guid(self, item: Entry) -> str:
        return item.id

    def item_title(self, item: Entry) -> str:
        return item.card.title

    def item_description(self, item: Entry) -> str:
        return item.card.summary

    def item_pubdate(self, item: Entry) -> datetime | None:
        return item.card.published_at

    def item_updateddate(self, item: Entry) -> datetime | None:
        return item.card.updated_at

    def item_extra_kwargs(self, item: Entry) -> dict[str, Any]:
        return {"authors": item.authors}


def identify(thing: UUID, part: str) -> str:
    """Return the identifier of a part of a thing, such as one of its languages (RFC 9562, 5.5)."""
    return uuid5(thing, part).urn
