"""Filters, facet counts and pagination, the same for every list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.db.models import (
    CharField,
    Count,
    F,
    Model,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast
from django.db.models.lookups import In
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.schemas.base import Card, Translation
from core.schemas.languages import Fallback, Locale
from core.schemas.lists import Facet, FacetedList, FacetValue, Pagination
from core.schemas.pages import translations_of
from core.search.fulltext import ranked_ids
from core.terms import translated_label
from core.web.links import canonical_url, request_origin

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable
    from django.http import HttpRequest, QueryDict
    from django.utils.functional import _StrPromise

    from core.models import IndexPage, VocabularyTerm

M = TypeVar("M", bound=Model)
C = TypeVar("C", bound=Card)
Chosen = Mapping[str, Sequence[str]]
"""The values chosen for each filter: any of them within a filter, all filters together."""


@dataclass(frozen=True)
class FacetFilter:
    """A filter whose values can be counted.

    Attributes:
        name: the parameter, as in ``?theme=``.
        label: what people call it.
        value: the value, as a lookup path or an expression.
        text: the value's label, likewise; ``None`` for a vocabulary kept in Python.
        multivalued: whether a row can have several values; its value is then a lookup path.
        labels: gives the labels of values that have none in the rows.
        terms: the vocabulary of the values, whose labels are then in the active language.
        parent: the value and the label of what encloses a value (a department's region):
            choosing it keeps the row too, and its count includes it.
        latest_first: order by value, greatest first, rather than by count.
    """

    name: str
    label: _StrPromise | str
    value: str | Combinable
    text: str | Combinable | None
    multivalued: bool = False
    labels: Callable[[Iterable[str]], Mapping[str, str]] | None = None
    terms: type[VocabularyTerm] | None = None
    parent: tuple[str, str] | None = None
    latest_first: bool = False

    def keep(self, rows: QuerySet[M], chosen: Sequence[str]) -> QuerySet[M]:
        """Filter the rows that have any of the chosen values."""
        if isinstance(self.value, str):
            wanted = Q(**{f"{self.value}__in": chosen})
        else:
            wanted = Q(In(_text(self.value), chosen))
        if self.parent:
            wanted |= Q(**{f"{self.parent[0]}__in": chosen})
        if self.multivalued:
            # A join would give a row once for each of its values.
            matching = rows.model._default_manager.filter(wanted).values("pk")
            return rows.filter(pk__in=matching)
        return rows.filter(wanted)

    def counts(self, rows: QuerySet[Any]) -> QuerySet[Any, tuple[str, ...]]:
        """Return rows of (filter, value, label, parent value, parent label, count)."""
        nothing = Value("", output_field=CharField())
        parent, parent_text = map(_text, self.parent) if self.parent else (nothing, nothing)
        return (
            rows.order_by()
            .annotate(
                facet_name=Value(self.name, output_field=CharField()),
                facet_value=_text(self.value),
                facet_text=nothing if self.text is None else _text(self.text),
                facet_parent=parent,
                facet_parent_text=parent_text,
            )
            .values_list(
                "facet_name", "facet_value", "facet_text", "facet_parent", "facet_parent_text"
            )
            .annotate(facet_count=Count("pk", distinct=True))
        )


def _text(value: str | Combinable) -> Cast:
    return Cast(F(value) if isinstance(value, str) else value, output_field=CharField())


def apply_facets(
    rows: QuerySet[M], facet_filters: Iterable[FacetFilter], chosen: Chosen, exclude: str = ""
) -> QuerySet[M]:
    """Apply every chosen filter except the one named ``exclude``."""
    for facet_filter in facet_filters:
        if facet_filter.name != exclude and (values := chosen.get(facet_filter.name)):
            rows = facet_filter.keep(rows, values)
    return rows


def count_facets(
    rows: QuerySet[Any], facet_filters: Sequence[FacetFilter], chosen: Chosen
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
    first, *others = (
        facet_filter.counts(apply_facets(rows, facet_filters, chosen, exclude=facet_filter.name))
        for facet_filter in facet_filters
    )
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    labels: dict[str, dict[str, str]] = defaultdict(dict)
    for name, value, text, parent, parent_text, count in first.union(*others, all=True):
        for each, label in ((value, text), (parent, parent_text)):
            if each:
                counts[name][each] += int(count)
                labels[name][each] = label
    return [
        _facet(
            facet_filter,
            counts[facet_filter.name],
            labels[facet_filter.name],
            chosen.get(facet_filter.name, ()),
        )
        for facet_filter in facet_filters
    ]


def _facet(
    facet_filter: FacetFilter, counts: dict[str, int], labels: dict[str, str], chosen: Sequence[str]
) -> Facet:
    absent = [value for value in dict.fromkeys(chosen) if value not in counts]
    unlabelled = [value for value in [*counts, *absent] if not labels.get(value)]
    if facet_filter.labels and unlabelled:
        labels.update(facet_filter.labels(unlabelled))
    values = [
        FacetValue(
            value=value,
            label=str(
                (facet_filter.terms and translated_label(facet_filter.terms, value))
                or labels.get(value)
                or value
            ),
            count=counts.get(value, 0),
            selected=value in chosen,
        )
        for value in [*counts, *absent]
    ]
    if facet_filter.latest_first:
        values.sort(key=lambda v: v.value, reverse=True)
    else:
        values.sort(key=lambda v: (-v.count, v.label))
    return Facet(name=facet_filter.name, label=str(facet_filter.label), values=values)


def pagination_links(url: str, limit: int, start: int, count: int) -> tuple[str | None, str | None]:
    """Return the addresses of the next and previous pages of the list at ``url``."""

    def at(offset: int) -> str:
        parts = urlsplit(url)
        query = [(k, v) for k, v in parse_qsl(parts.query) if k not in {"offset", "limit"}]
        query += [("limit", str(limit)), ("offset", str(offset))]
        return urlunsplit(parts._replace(query=urlencode(query)))

    after = start + limit
    return (
        at(after) if after < count else None,
        at(max(0, start - limit)) if start else None,
    )


class ListFilters(BaseModel):
    """The filters of every list; each list adds its own and its order."""

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


B = TypeVar("B", bound=BaseModel)
Filters = TypeVar("Filters", bound=ListFilters)


@dataclass(frozen=True)
class Listing(Generic[M, Filters, C]):
    """How one kind of page is listed.

    Attributes:
        schema: the schema of the list.
        filters: the filters that its address takes.
        rows: gives every visible row in a language, and in French where there is none if that
            is asked, with all that ``serialize`` reads.
        serialize: builds the card of one row.
        facet_filters: the filters whose values can be counted.
        orderings: for each value of ``order``, the columns to order by; none for relevance.
        apply_ranges: applies the filters that are no facets (ranges of dates).
        translations: gives the translations of rows, by their keys.
    """

    schema: type[FacetedList[C]]
    filters: type[Filters]
    rows: Callable[[str, bool], QuerySet[M]]
    serialize: Callable[[M, str], C]
    facet_filters: Sequence[FacetFilter]
    orderings: Mapping[str, Sequence[str]]
    apply_ranges: Callable[[QuerySet[M], Filters], QuerySet[M]] = lambda rows, filters: rows
    translations: Callable[[Sequence[int], str], Mapping[int, list[Translation]]] = translations_of

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
        chosen = filters.chosen(self.facet_filters)
        rows = self.rows(filters.locale, filters.fallback)
        every = self.apply_ranges(rows, filters)
        ranked = None
        if filters.q.strip():
            ranked = ranked_ids(every.model._default_manager.all(), filters.q, filters.languages())
            every = every.filter(pk__in=ranked)
        kept = apply_facets(every, self.facet_filters, chosen)
        order = filters.order or ("relevance" if ranked is not None else next(iter(self.orderings)))
        items: list[M]
        part = slice(pagination.offset, pagination.offset + pagination.limit)
        if order == "relevance" and ranked is not None:
            matching = set(kept.order_by().values_list("pk", flat=True))
            keys = [pk for pk in ranked if pk in matching]
            count, items = len(keys), fetch_in_order(kept, keys[part])
        else:
            order = order if order in self.orderings else next(iter(self.orderings))
            count = kept.order_by().count()
            items = list(kept.order_by(*self.orderings[order])[part]) if count > part.start else []
        following, preceding = pagination_links(url, pagination.limit, pagination.offset, count)
        return self.schema(
            count=count,
            limit=pagination.limit,
            offset=pagination.offset,
            next=following,
            previous=preceding,
            q=filters.q,
            order=order,
            facets=count_facets(every, self.facet_filters, chosen) if pagination.facets else None,
            items=with_translations(
                [self.serialize(row, origin) for row in items],
                filters.locale,
                self.translations([row.pk for row in items], origin) if items else {},
            ),
        )


def with_translations(
    items: Iterable[C], locale: str, translations: Mapping[int, list[Translation]]
) -> list[C]:
    """Return items with their translations, and whether French stands for *locale*."""
    return [
        item.model_copy(
            update={
                "is_fallback": item.locale != locale,
                "translations": translations.get(item.id, []),
            }
        )
        for item in items
    ]


def fetch_in_order(rows: QuerySet[M], ids: Sequence[int]) -> list[M]:
    """Return the rows with these keys, in the keys' order."""
    found = {row.pk: row for row in rows.filter(pk__in=ids)}
    return [found[pk] for pk in ids if pk in found]


SITE_LIMIT = 12
"""How many items a page of the website shows: whole rows of one, two, three or four."""


def list_for_request(
    listing: Listing[Any, Filters, C], request: HttpRequest, locale: str
) -> FacetedList[C]:
    """Return the list that the query string of a page asks for, with its facets.

    The parameters are those of the API. A value that makes no sense is
    ignored: a reader can't correct an address. French stands for what is not
    translated, and is marked as such.
    """
    pagination = parse_query_leniently(Pagination, request.GET, facets=True, limit=SITE_LIMIT)
    filters = parse_query_leniently(listing.filters, request.GET, locale=locale, fallback=True)
    return listing(filters, pagination, request_origin(request), canonical_url(request))


@dataclass(frozen=True)
class IndexPageListing:
    """The list of an index page's children, as its address asks for it (:mod:`core.registry`).

    Attributes:
        listing: how they are listed; its rows come with the latest first.
    """

    listing: Listing[Any, Any, Any]

    def get_context(self, page: IndexPage, request: HttpRequest) -> dict[str, Any]:
        return {"list": list_for_request(self.listing, request, page.locale.language_code)}

    def latest_ids(self, page: IndexPage, limit: int) -> list[int]:
        rows: Any = self.listing.rows(page.locale.language_code, False)
        return list(rows.child_of(page).values_list("pk", flat=True)[:limit])


def parse_query_leniently(schema: type[B], query: QueryDict, **imposed: Any) -> B:
    """Return the parameters of a query string as a schema, without those that are invalid."""
    given: dict[str, Any] = {}
    for name, field in schema.model_fields.items():
        if name in query:
            many = isinstance(field.get_default(call_default_factory=True), list)
            given[name] = query.getlist(name) if many else query[name]
    given |= imposed
    try:
        return schema(**given)
    except ValidationError as invalid:
        wrong = {str(error["loc"][0]) for error in invalid.errors()}
        return schema(**{name: value for name, value in given.items() if name not in wrong})
