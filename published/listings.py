"""Filters, facet counts and pagination, the same for every list: lists of items."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db.models import Count, QuerySet, Subquery, Value
from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from core.schemas.base import Card
from core.schemas.languages import Fallback, Locale
from core.schemas.lists import Facet, FacetedList, FacetValue, Pagination
from core.search.fulltext import ranked_ids
from core.terms import TERRITORY, get_vocabulary
from core.web.links import canonical_url, request_origin
from published.composing import Reading, card_entry, compose
from published.models import Item, ItemFacet
from published.queries import in_language, items

if TYPE_CHECKING:
    from django.http import HttpRequest, QueryDict
    from django.utils.functional import _StrPromise

    from core.models import IndexPage

C = TypeVar("C", bound=Card)
Chosen = Mapping[str, Sequence[str]]
"""The values chosen for each filter: any of them within a filter, all filters together."""
Labels = Callable[[Iterable[str]], Mapping[str, str]]
NATIONAL = "national"
"""What stands for the whole country among territories."""


@dataclass(frozen=True)
class FacetFilter:
    """A filter whose values can be counted.

    Attributes:
        name: the parameter, as in ``?theme=``; also the name of the values of items.
        label: what people call it.
        labels: gives the labels of values; by default the values themselves.
        vocabulary: the model of its terms, or of territories. Items then keep the keys of their
            rows, so that a term may change its slug, and readers name them by their slugs.
        latest_first: order by value, greatest first, rather than by count.
    """

    name: str
    label: _StrPromise | str
    labels: Labels | None = None
    vocabulary: str = ""
    latest_first: bool = False

    def keep(self, rows: QuerySet[Item], chosen: Sequence[str]) -> QuerySet[Item]:
        """Filter the items that have any of the chosen values."""
        kept = ItemFacet.objects.filter(name=self.name, value__in=self.stored(chosen))
        return rows.filter(pk__in=kept.values("item"))

    def counts(self, rows: QuerySet[Item]) -> QuerySet[Any, tuple[str, str, int]]:
        """Return rows of (filter, value as it is stored, count)."""
        return counts_of(rows, [self.name])

    def stored(self, values: Iterable[str]) -> list[str]:
        """Return what items keep for the values that readers name."""
        if not self.vocabulary:
            return list(values)
        known = keys_by_name(self.vocabulary)
        # What nobody knows keeps nothing.
        return [known.get(value, f"?{value}") for value in values]

    def shown(self, stored: Iterable[str]) -> dict[str, str]:
        """Return what readers name each value that items keep, where it still has a name."""
        if not self.vocabulary:
            return {value: value for value in stored}
        names = {key: name for name, key in keys_by_name(self.vocabulary).items()}
        return {value: names[value] for value in stored if value in names}

    def label_values(self, values: Iterable[str]) -> Mapping[str, str]:
        """Return the labels of values, as readers name them, in the active language."""
        asked = list(values)
        if self.labels:
            return self.labels(asked)
        if self.vocabulary and self.vocabulary != TERRITORY:
            vocabulary = get_vocabulary()
            return {value: vocabulary.label(self.vocabulary, value) or value for value in asked}
        return {value: value for value in asked}


def keys_by_name(model: str) -> dict[str, str]:
    """Return what items keep for each term of a vocabulary, or each territory, by its name."""
    vocabulary = get_vocabulary()
    if model == TERRITORY:
        return {t.code: str(t.pk) for t in vocabulary.territories.values()} | {NATIONAL: NATIONAL}
    return {
        entry.slug: str(entry.pk)
        for entry in vocabulary.terms.values()
        if entry.model == model and entry.language == settings.LANGUAGE_CODE
    }


def counts_of(rows: QuerySet[Item], names: Sequence[str]) -> QuerySet[Any, tuple[str, str, int]]:
    """Return how many of these items have each value of the filters with these names."""
    values = ItemFacet.objects.filter(name__in=names, item__in=rows.order_by().values("pk"))
    return values.order_by().values_list("name", "value").annotate(found=Count("pk"))


def apply_facets(
    rows: QuerySet[Item], facet_filters: Iterable[FacetFilter], chosen: Chosen, exclude: str = ""
) -> QuerySet[Item]:
    """Apply every chosen filter except the one named ``exclude``."""
    for facet_filter in facet_filters:
        if facet_filter.name != exclude and (values := chosen.get(facet_filter.name)):
            rows = facet_filter.keep(rows, values)
    return rows


def count_facets(
    rows: QuerySet[Item], facet_filters: Sequence[FacetFilter], chosen: Chosen
) -> list[Facet]:
    """Count what each value of each filter would keep, in one query.

    A filter's own choice does not narrow its own counts, so that a reader sees
    what choosing one more value would add. A chosen value that the others
    exclude is returned with a count of 0, so that it can be removed.

    Args:
        rows: the whole list, before any of the filters.
        facet_filters: the filters.
        chosen: the values chosen for each.
    """
    queries = list(_count_queries(rows, facet_filters, chosen))
    first, *others = queries
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for name, value, count in first.union(*others, all=True) if others else first:
        counts[name][value] = int(count)
    return [_facet(each, counts[each.name], chosen.get(each.name, ())) for each in facet_filters]


def _count_queries(
    rows: QuerySet[Item], facet_filters: Sequence[FacetFilter], chosen: Chosen
) -> Iterable[QuerySet[Any, tuple[str, str, int]]]:
    """Yield one query for the filters of which nothing is chosen, and one for each other."""
    together = [
        each for each in facet_filters if type(each) is FacetFilter and not chosen.get(each.name)
    ]
    if together:
        kept = apply_facets(rows, facet_filters, chosen)
        yield counts_of(kept, [each.name for each in together])
    for each in facet_filters:
        if each not in together:
            yield each.counts(apply_facets(rows, facet_filters, chosen, exclude=each.name))


def _facet(
    facet_filter: FacetFilter,
    stored: Mapping[str, int],
    chosen: Sequence[str],
) -> Facet:
    names = facet_filter.shown(stored)
    counts = {names[value]: count for value, count in stored.items() if value in names}
    absent = [value for value in dict.fromkeys(chosen) if value not in counts]
    labels = facet_filter.label_values([*counts, *absent])
    values = [
        FacetValue.construct_trusted(
            value=value,
            label=str(labels.get(value) or value),
            count=counts.get(value, 0),
            selected=value in chosen,
        )
        for value in [*counts, *absent]
    ]
    if facet_filter.latest_first:
        values.sort(key=lambda v: v.value, reverse=True)
    else:
        values.sort(key=lambda v: (-v.count, v.label))
    return Facet.construct_trusted(
        name=facet_filter.name, label=str(facet_filter.label), values=values
    )


def pagination_links(url: str, limit: int, start: int, count: int) -> tuple[str | None, str | None]:
    """Return the addresses of the next and previous pages of the list at ``url``."""

    def at(offset: int) -> str:
        parts = urlsplit(url)
        query = [(k, v) for k, v in parse_qsl(parts.query) if k not in {"offset", "limit"}]
        query += [("limit", str(limit)), ("offset", str(offset))]
        return urlunsplit(parts._replace(query=urlencode(query)))

    after = start + limit
    last = max(0, count - 1) // limit * limit
    return (
        at(after) if after < count else None,
        # Past the end, the last page there is.
        at(max(0, min(start - limit, last))) if start else None,
    )


INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})")


def _require_instant(value: Any) -> Any:
    if isinstance(value, str) and not INSTANT.fullmatch(value):
        raise PydanticCustomError(
            "instant", "Write an instant as 2026-11-28T09:30:00Z or 2026-11-28T10:30:00%2B01:00."
        )
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_require_instant)]
"""A moment in an address, with its offset (ISO 8601). Pydantic alone takes so many seconds."""


class ThingFilters(BaseModel):
    """What an app asks again for, of what it has read before."""

    id: list[Annotated[int, Field(ge=1, le=2**53 - 1)]] = Field(
        [],
        max_length=100,
        description="Those with these ids, in the language asked for.",
        examples=[[12, 34]],
    )
    slug: list[Annotated[str, Field(max_length=255, pattern=r"^[\w-]+$")]] = Field(
        [],
        max_length=100,
        description="Those with these slugs, which end their paths.",
        examples=[["guide-de-reperage"]],
    )
    updated_since: Instant | None = Field(
        None,
        description="Those that changed then or later (`updated_at`): ISO 8601, with an offset. "
        "What left the list is not named.",
        examples=["2026-11-28T09:30:00Z"],
    )

    def narrow(self, rows: QuerySet[Item]) -> QuerySet[Item]:
        """Filter the items that are asked for by what names them, and by when they changed."""
        if self.id:
            rows = rows.filter(thing_id__in=self.id)
        if self.slug:
            rows = rows.filter(slug__in=self.slug)
        if self.updated_since:
            rows = rows.filter(updated_at__gte=self.updated_since)
        return rows


class WordFilters(BaseModel):
    """The filters of every list and of the search."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=200, description="Words to search for, typing mistakes allowed.")
    locale: Locale = settings.LANGUAGE_CODE
    fallback: Fallback = False

    order: str | None = None

    def languages(self) -> list[str]:
        """Return the languages of what is kept, that which is asked for first."""
        french = [settings.LANGUAGE_CODE] if self.fallback else []
        return list(dict.fromkeys([self.locale, *french]))

    def chosen(self, facet_filters: Iterable[FacetFilter]) -> dict[str, list[str]]:
        """Return the values chosen for each of the filters."""
        return {
            facet_filter.name: list(map(str, getattr(self, facet_filter.name)))
            for facet_filter in facet_filters
        }


class ListFilters(WordFilters, ThingFilters):
    """The filters of every list; each list adds its own and its order."""


B = TypeVar("B", bound=BaseModel)
Filters = TypeVar("Filters", bound=ListFilters)


@dataclass(frozen=True)
class Listing(Generic[Filters, C]):
    """How some kinds of things are listed.

    Attributes:
        schema: the schema of the list.
        filters: the filters that its address takes.
        rows: gives every item that may be listed, in every language; by default, the public pages
            of ``kinds``.
        kinds: the kinds that it lists.
        facet_filters: the filters whose values can be counted.
        orderings: for each value of ``order``, the columns to order by; none for relevance.
        apply_ranges: applies the filters that are no facets (ranges of dates).
        access_level: of the readers (:class:`network.places.AccessLevel`).
    """

    schema: type[FacetedList[C]]
    filters: type[Filters]
    kinds: Sequence[str]
    facet_filters: Sequence[FacetFilter]
    orderings: Mapping[str, Sequence[Any]]
    apply_ranges: Callable[[QuerySet[Item], Filters], QuerySet[Item]] = lambda rows, filters: rows
    rows: Callable[[], QuerySet[Item]] | None = None
    access_level: int = 0

    def all(self, language: str, fallback: bool = False) -> QuerySet[Item]:
        """Return every item of the list in a language, in its own order."""
        rows = self.rows() if self.rows else items(*self.kinds)
        order = next(iter(self.orderings.values()))
        return in_language(rows, language, fallback).order_by(*order)

    def searched(self) -> QuerySet[Item]:
        """Return the items among which words are searched for."""
        return Item.objects.filter(kind__in=self.kinds)

    def kept(
        self, filters: Filters, *, exclude: Sequence[str] = ()
    ) -> tuple[QuerySet[Item], QuerySet[Item], list[int] | None]:
        """Return what filters keep: before the facets, after them, and the keys best first.

        Args:
            filters: what to keep.
            exclude: names of facets to ignore.
        """
        chosen = {
            name: values
            for name, values in filters.chosen(self.facet_filters).items()
            if name not in exclude
        }
        rows = filters.narrow(self.all(filters.locale, filters.fallback))
        every = self.apply_ranges(rows, filters)
        ranked = None
        if filters.q.strip():
            ranked = ranked_ids(self.searched(), filters.q, filters.languages())
            every = every.filter(pk__in=ranked)
        return every, apply_facets(every, self.facet_filters, chosen), ranked

    def __call__(
        self, filters: Filters, pagination: Pagination, origin: str, url: str
    ) -> FacetedList[C]:
        """Return one page of the list.

        Args:
            filters: what to keep, and in which order.
            pagination: its limit and its offset.
            origin: what addresses start with.
            url: the address of this request, from which those of its neighbours are made.
        """
        every, kept, ranked = self.kept(filters)
        order = filters.order or ("relevance" if ranked is not None else next(iter(self.orderings)))
        part = slice(pagination.offset, pagination.offset + pagination.limit)
        if order == "relevance" and ranked is not None:
            matching = set(kept.order_by().values_list("pk", flat=True))
            keys = [pk for pk in ranked if pk in matching]
            count, rows = len(keys), fetch_in_order(kept, keys[part])
        else:
            order = order if order in self.orderings else next(iter(self.orderings))
            count, rows = self.window(kept.order_by(*self.orderings[order]), part)
        following, preceding = pagination_links(url, pagination.limit, pagination.offset, count)
        chosen = filters.chosen(self.facet_filters)
        return self.schema(
            count=count,
            limit=pagination.limit,
            offset=pagination.offset,
            next=following,
            previous=preceding,
            q=filters.q,
            order=order,
            facets=count_facets(every, self.facet_filters, chosen) if pagination.facets else None,
            items=self.compose(rows, Reading(origin, filters.locale, self.access_level)),
        )

    def window(self, rows: QuerySet[Item], part: slice) -> tuple[int, list[Item]]:
        """Return how many rows there are in all, and those of one part, in their order."""
        return window(rows, part)

    def compose(self, rows: Iterable[Item], reading: Reading) -> list[C]:
        """Return the cards of items."""
        return compose([card_entry(row) for row in rows], reading)


CARD_COLUMNS = (
    *("kind", "thing_id", "path", "language", "translation_key", "card"),
    *("published_at", "updated_at"),
)
"""The columns that cards are made of."""


def window(rows: QuerySet[Item], part: slice) -> tuple[int, list[Item]]:
    """Return how many rows there are in all, and those of one part: one query, or two past them."""
    # Counted apart: a window function would have every row read whole, and none skipped.
    every = rows.order_by().annotate(one=Value(1)).values("one")
    in_all = Subquery(every.annotate(count=Count("*")).values("count"))
    found = list(rows.only(*CARD_COLUMNS).annotate(in_all=in_all)[part])
    if found:
        return int(found[0].in_all), found
    return (rows.order_by().count() if part.start else 0), []


def fetch_in_order(rows: QuerySet[Item], ids: Sequence[int]) -> list[Item]:
    """Return the rows with these keys, in the keys' order."""
    found = {row.pk: row for row in rows.only(*CARD_COLUMNS).filter(pk__in=ids)} if ids else {}
    return [found[pk] for pk in ids if pk in found]


SITE_LIMIT = 12
"""How many items a page of the website shows: whole rows of one, two, three or four."""


def list_for_request(
    listing: Listing[Filters, C], request: HttpRequest, locale: str
) -> FacetedList[C]:
    """Return the list that the query string of a page asks for, with its facets.

    The parameters are those of the API. A value that makes no sense is
    ignored: a reader can't correct an address. French stands for what is not
    translated, and is marked as such.
    """
    pagination = parse_query_leniently(Pagination, request.GET, facets=True, limit=SITE_LIMIT)
    filters = site_filters(listing, request, locale)
    return listing(filters, pagination, request_origin(request), canonical_url(request))


def site_filters(listing: Listing[Filters, C], request: HttpRequest, locale: str) -> Filters:
    """Return the filters that the query string of a page asks for, without invalid ones."""
    for_apps = {name: field.default for name, field in ThingFilters.model_fields.items()}
    return parse_query_leniently(
        listing.filters, request.GET, locale=locale, fallback=True, **for_apps
    )


@dataclass(frozen=True)
class IndexPageListing:
    """The list of an index page's children, as its address asks for it (:mod:`core.registry`).

    Attributes:
        listing: how they are listed; its rows come with the latest first.
    """

    listing: Listing[Any, Any]

    def get_context(self, page: IndexPage, request: HttpRequest) -> dict[str, Any]:
        return {"list": list_for_request(self.listing, request, page.locale.language_code)}

    def latest_ids(self, path: str, language: str, limit: int) -> list[int]:
        rows = self.listing.all(language).filter(path__startswith=path)
        return list(rows.values_list("thing_id", flat=True)[:limit])


def parse_query_leniently(schema: type[B], query: QueryDict, **imposed: Any) -> B:
    """Return the parameters of a query string as a schema, without those that are invalid."""
    given: dict[str, Any] = {}
    for name, field in schema.model_fields.items():
        if name in query:
            many = isinstance(field.get_default(call_default_factory=True), list)
            given[name] = query.getlist(name) if many else query[name]
    given |= imposed
    while True:
        try:
            return schema(**given)
        except ValidationError as invalid:
            wrong = given.keys() & {str(error["loc"][0]) for error in invalid.errors()}
            if not wrong:
                raise
            # Those that are left may not go together: this is seen only once each makes sense.
            given = {name: value for name, value in given.items() if name not in wrong}
