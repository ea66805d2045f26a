"""From admitted words to what readers get: every reference looked up, in few queries.

The number of queries depends on the kinds of references, and not on how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, override
from pydantic import TypeAdapter
from wagtail.models import Page

from core.references import MARK, Ref, reference_of, references_in, to_words
from core.registry import card_for, registered_models, schema_for
from core.schemas.base import Card
from core.schemas.teasers import Teaser
from core.web.links import build_absolute_url, page_path
from published.queries import item_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from django.db.models import Model

    from published.models import Item

S = TypeVar("S", bound=Card)


@dataclass(frozen=True)
class Reading:
    """Who reads, from where, and when.

    Attributes:
        origin: scheme and host that addresses start with.
        language: of labels, and of what is shown of other pages.
        access_level: of the reader (:class:`network.places.AccessLevel`); 0 is anyone.
        now: the moment.
        draft: what a preview shows, whose rows are not those that the public reads.
    """

    origin: str
    language: str = field(default_factory=lambda: get_language() or settings.LANGUAGE_CODE)
    access_level: int = 0
    now: datetime = field(default_factory=timezone.now)
    draft: Any = None


@dataclass(frozen=True)
class Head:
    """Where and when something is published: what is no word of its own."""

    id: int
    path: str
    language: str
    translation_key: UUID
    published_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True)
class Entry(Generic[S]):
    """Something to compose: its words, where they are published, and the schema they make."""

    schema: type[S]
    words: Mapping[str, Any]
    head: Head


class _Absent:
    """What a reference leads to when there is nothing to show."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()


class Resolver(Protocol):
    """Looks up every reference of some kinds at once.

    It returns words, in which there may be further references; what is left out is absent.
    """

    def __call__(self, refs: Collection[Ref], reading: Reading) -> Mapping[Ref, Any]: ...


FIRST, PAGES, LAST = range(3)
"""When references are looked up: what is found may hold references that come later."""

_RESOLVERS: dict[str, tuple[int, Resolver]] = {}


def resolves(*kinds: str, stage: int = LAST) -> Callable[[Resolver], Resolver]:
    """Register the decorated function as what looks up references of these kinds."""

    def register(resolver: Resolver) -> Resolver:
        for kind in kinds:
            _RESOLVERS[kind] = (stage, resolver)
        return resolver

    return register


def compose(
    entries: Sequence[Entry[S]], reading: Reading, *, with_translations: bool = True
) -> list[S]:
    """Return the schema of each entry, in their order, without those that can't be shown.

    Args:
        entries: what to compose.
        reading: of the reader.
        with_translations: whether to look up where else each of them is.
    """
    words = [_with_head(entry, reading, with_translations) for entry in entries]
    with override(reading.language):
        found = look_up(words, reading)
    adapters: dict[type[S], TypeAdapter[S]] = {}
    composed = []
    for entry, each in zip(entries, words, strict=True):
        filled = fill(each, found)
        if filled is ABSENT:
            continue
        if entry.schema not in adapters:
            adapters[entry.schema] = TypeAdapter(entry.schema)
        composed.append(adapters[entry.schema].validate_python(filled))
    return composed


def compose_value(words: Any, reading: Reading) -> Any:
    """Return words with every reference looked up; ``None`` where there is nothing to show."""
    with override(reading.language):
        filled = fill(words, look_up([words], reading))
    return None if filled is ABSENT else filled


def head_words(head: Head, reading: Reading) -> dict[str, Any]:
    """Return the fields of a card that are no words of its own, without its translations."""
    return {
        "id": head.id,
        "path": head.path,
        "html_url": build_absolute_url(head.path, reading.origin),
        "locale": head.language,
        "is_fallback": head.language != reading.language,
        "published_at": head.published_at,
        "updated_at": head.updated_at,
    }


def _with_head(entry: Entry[Any], reading: Reading, with_translations: bool) -> dict[str, Any]:
    words = {**entry.words, **head_words(entry.head, reading)}
    fields = entry.schema.model_fields
    head = entry.head
    key = (str(head.translation_key), head.id)
    if not with_translations:
        words["translations"] = []
    elif "translations" not in words:
        words["translations"] = {MARK: "translations", "key": key}
    if "breadcrumbs" in fields and "breadcrumbs" not in words:
        words["breadcrumbs"] = {MARK: "breadcrumbs", "key": (head.path,)}
    return words


def look_up(words: Iterable[Any], reading: Reading) -> dict[Ref, Any]:
    """Return what every reference in words leads to, and those in what is found."""
    found: dict[Ref, Any] = {}
    pending = {ref for each in words for ref in references_in(each) if ref.kind in _RESOLVERS}
    while pending:
        stage = min(_RESOLVERS[ref.kind][0] for ref in pending)
        by_resolver: dict[Resolver, list[Ref]] = {}
        for ref in pending:
            at, resolver = _RESOLVERS[ref.kind]
            if at == stage:
                by_resolver.setdefault(resolver, []).append(ref)
        discovered: set[Ref] = set()
        for resolver, refs in by_resolver.items():
            values = resolver(refs, reading)
            for ref in refs:
                found[ref] = values.get(ref, ABSENT)
                discovered |= set(references_in(found[ref]))
            pending -= set(refs)
        pending |= {ref for ref in discovered if ref not in found and ref.kind in _RESOLVERS}
    return found


def fill(words: Any, found: Mapping[Ref, Any]) -> Any:
    """Return words with what their references lead to in their place.

    Where there is nothing to show, a list has one element less, a field is ``None``, and what
    can't do without it is left out in its turn.
    """
    if isinstance(words, dict):
        return _fill_reference(words, found) if MARK in words else _fill_fields(words, found)
    if isinstance(words, list):
        return [
            value
            for each in words
            if (value := fill(each, found)) is not ABSENT
            and not (value is None and isinstance(each, dict))
        ]
    return words


def _fill_fields(words: dict[str, Any], found: Mapping[Ref, Any]) -> Any:
    filled = {}
    for name, each in words.items():
        value = fill(each, found) if isinstance(each, (dict, list)) else each
        if value is ABSENT:
            return ABSENT
        filled[name] = value
    return filled


def _fill_reference(words: dict[str, Any], found: Mapping[Ref, Any]) -> Any:
    if words[MARK] == "html":
        return "".join(fill(part, found) or "" for part in words["key"])
    ref = reference_of(words)
    value = fill(found.get(ref, ABSENT), found)
    if value is ABSENT or (value == [] and ref.is_required):
        return ABSENT if ref.is_required else None
    return value


def head_of(item: Item) -> Head:
    """Return where and when an item is published."""
    return Head(
        item.thing_id,
        item.path,
        item.language,
        item.translation_key,
        item.published_at,
        item.updated_at,
    )


def detail_entry(item: Item) -> Entry[Any]:
    """Return an item to be composed as its detail."""
    schema: Any = schema_for(model_of(item))
    return Entry(schema, {**item.card, **item.detail}, head_of(item))


def card_entry(item: Item) -> Entry[Any]:
    """Return an item to be composed as its card."""
    card: Any = card_for(model_of(item))
    return Entry(card, item.card, head_of(item))


def model_of(item: Item) -> type[Model]:
    """Return the model of the thing that an item stands for."""
    return models_by_kind()[item.kind]


@cache
def models_by_kind() -> dict[str, type[Model]]:
    """Return the models that have a schema, by the names of their kinds."""
    return {schema_for(model).type_name(): model for model in registered_models()}


class PublishedComposer:
    """Composes drafts for those who preview them, and items for the public."""

    def draft(self, thing: Any, origin: str, access_level: int = 0) -> Any:
        """Return the schema that a thing would have once it is admitted, as its instance is now."""
        return _compose_draft(thing, schema_for(type(thing)), origin, access_level)

    def published(self, thing: Any, origin: str, access_level: int = 0) -> Any:
        """Return what was admitted of a thing, if anything was."""
        item = item_of(thing)
        return detail_of(item, origin, access_level) if item else None


def teaser_of_draft(page: Page, origin: str) -> Teaser:
    """Return what lists that mix kinds would show of a page once it is admitted."""
    kind = {"kind": schema_for(type(page)).type_name()}
    teaser: Teaser = _compose_draft(page, Teaser, origin, 0, kind)
    return teaser


def _compose_draft(
    thing: Any, schema: Any, origin: str, access_level: int, more: Mapping[str, Any] | None = None
) -> Any:
    language = thing.locale.language_code
    with override(language):
        words = to_words({**schema.own_words(thing), **(more or {})})
    head = Head(
        thing.pk or 0,
        page_path(thing) if isinstance(thing, Page) else thing.path,
        language,
        thing.translation_key,
        thing.first_published_at,
        thing.last_published_at or thing.first_published_at,
    )
    reading = Reading(origin, language, access_level, draft=thing)
    return compose([Entry(schema, words, head)], reading)[0]


def detail_of(item: Item, origin: str, access_level: int = 0) -> Any:
    """Return an item by itself, in its own language; ``None`` if it can't be shown any more."""
    reading = Reading(origin, item.language, access_level)
    return next(iter(compose([detail_entry(item)], reading)), None)
