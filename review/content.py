"""The words of a content, and their hash: what people write, approve and admit.

Approvals are given to a hash and never to the number of a revision, since saving without a
change makes another revision. Where a content stands and when it shows are no words of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import DateTimeField, DecimalField
from modelcluster.models import get_all_child_m2m_relations, get_all_child_relations
from wagtail.fields import RichTextField, StreamField
from wagtail.models import RevisionMixin

if TYPE_CHECKING:
    from collections.abc import Mapping

BOOKKEEPING = frozenset(
    {
        *("pk", "content_type", "translation_key", "locale", "alias_of", "owner"),
        *("path", "depth", "numchild", "url_path", "draft_title"),
        *("live", "has_unpublished_changes", "expired", "go_live_at", "expire_at"),
        *("first_published_at", "last_published_at", "live_revision"),
        *("latest_revision", "latest_revision_created_at"),
        *("locked", "locked_at", "locked_by", "wagtail_admin_comments"),
    }
)
"""What Wagtail keeps with a content: where it is, since when, in which state.

A model names in ``fields_without_words`` what else is none of its words.
"""
ROW_BOOKKEEPING = frozenset({"pk", "sort_order", "translation_key", "locale"})
"""What is kept with each row below a content; the order of rows is that of their list."""

HTML = re.compile(r"\s*<(p|ul|ol|h[1-6]|hr|embed)\b.*>\s*", re.S)
"""How a rich text begins and ends."""
BLOCK_TAGS = frozenset({"p", "ul", "ol", "li", "hr", "embed", *(f"h{n}" for n in range(1, 7))})
SAME_TAGS = {"strong": "b", "em": "i"}
SPACES = re.compile(r"[ \t\n\r\f]+")
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Names:
    """The names of fields that are written in more than one way, from all models together."""

    rich_text: frozenset[str]
    streams: frozenset[str]
    decimals: frozenset[str]
    moments: frozenset[str]
    unordered: frozenset[str]
    left_out: frozenset[str]
    child_keys: Mapping[str, frozenset[str]]


def canonical_hash(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the words of a content, in hexadecimal."""
    return hash_canonical(canonical_content(content))


def hash_canonical(canonical: Mapping[str, Any]) -> str:
    """Return the hash of what :func:`canonical_content` returned."""
    return hashlib.sha256(_dump(canonical).encode()).hexdigest()


def canonical_content(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the words of a content, alike however they were stored.

    Args:
        content: that of a revision, or what ``serializable_data()`` returns.

    Returns:
        A value for each field that is not empty, without bookkeeping.
    """
    plain = json.loads(json.dumps(dict(content), cls=DjangoJSONEncoder))
    names = _names()
    return _canonical_fields(plain, BOOKKEEPING | names.left_out, names)


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields that differ between two canonical contents."""
    return sorted(
        name for name in before.keys() | after.keys() if before.get(name) != after.get(name)
    )


def _dump(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _canonical_fields(
    fields: dict[str, Any], left_out: frozenset[str], names: Names
) -> dict[str, Any]:
    found = {}
    for name, value in fields.items():
        if name in left_out:
            continue
        canonical = _canonical_field(name, value, names)
        if canonical not in EMPTY:
            found[name] = canonical
    return found


def _canonical_field(name: str, value: Any, names: Names) -> Any:
    if name in names.child_keys and isinstance(value, list):
        return _canonical_rows(value, names.child_keys[name], names)
    if name in names.unordered and isinstance(value, list):
        return sorted(value, key=str)
    if name in names.decimals:
        return _canonical_decimal(value)
    if name in names.moments:
        return _canonical_moment(value)
    return _canonical_text(name, value, names) if isinstance(value, str) else value


def _canonical_text(name: str, text: str, names: Names) -> Any:
    if name in names.rich_text:
        return _canonical_html(text)
    return _canonical_stream(text) if name in names.streams else text


def _canonical_rows(rows: list[Any], keys: frozenset[str], names: Names) -> list[Any]:
    """Return rows below a content, without what ties them to it."""
    # An order that was given counts; rows without one come in any.
    rows = sorted(rows, key=lambda row: (row.get("sort_order") is None, row.get("sort_order")))
    found = [_canonical_fields(row, keys, names) for row in rows]
    return found if any("sort_order" in row for row in rows) else sorted(found, key=_dump)


def _canonical_decimal(value: Any) -> Any:
    try:
        return str(Decimal(str(value)).normalize() + 0)
    except InvalidOperation:
        return value


def _canonical_moment(value: Any) -> Any:
    try:
        moment = dt.datetime.fromisoformat(value)
        # A revision keeps milliseconds.
        return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds")
    except (TypeError, ValueError):
        return value


def _canonical_stream(text: str) -> Any:
    try:
        blocks = json.loads(text)
    except ValueError:
        return text
    is_stream = isinstance(blocks, list) and all(map(_is_block, blocks))
    return _canonical_blocks(blocks) if is_stream else text


def _canonical_blocks(value: Any) -> Any:
    """Return the value of a block, without the identifiers that saving gives."""
    if isinstance(value, str):
        return _canonical_html(value) if HTML.fullmatch(value) else value
    if isinstance(value, list):
        return [_canonical_blocks(_list_item(each)) for each in value]
    if isinstance(value, dict):
        is_block = _is_block(value)
        return {
            name: _canonical_blocks(each)
            for name, each in value.items()
            if not (is_block and name == "id")
        }
    return value


def _is_block(value: Any) -> bool:
    return isinstance(value, dict) and {"type", "value"} <= value.keys() <= {"type", "value", "id"}


def _list_item(value: Any) -> Any:
    """Return the value of an item of a list block, which was written bare once."""
    if _is_block(value) and value["type"] == "item":
        return value["value"]
    return value


class _HTMLReader(HTMLParser):
    """Reads rich text into what it shows, alike for all ways to write its markup.

    The editor (DraftJS) writes entities, spaces and attributes in its own way, and gives each
    paragraph a key.
    """

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[Any] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = sorted((name, value or "") for name, value in attrs if name != "data-block-key")
        self.parts.append([SAME_TAGS.get(tag, tag), *kept])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        self.parts.append(["/" + SAME_TAGS.get(tag, tag)])

    def handle_data(self, data: str) -> None:
        self.parts.append(SPACES.sub(" ", data))


def _canonical_html(text: str) -> Any:
    reader = _HTMLReader()
    reader.feed(text)
    reader.close()
    parts = reader.parts
    for number, part in enumerate(parts):
        if isinstance(part, str):
            # Spaces beside a block are none of its text.
            starts = number == 0 or _is_block_tag(parts[number - 1])
            ends = number == len(parts) - 1 or _is_block_tag(parts[number + 1])
            stripped = part.lstrip(" ") if starts else part
            parts[number] = stripped.rstrip(" ") if ends else stripped
    return [part for part in parts if part]


def _is_block_tag(part: Any) -> bool:
    return isinstance(part, list) and part[0].lstrip("/") in BLOCK_TAGS


@cache
def _names() -> Names:
    """Return the names of all models that have revisions, and of their rows."""
    rich_text: set[str] = set()
    streams: set[str] = set()
    decimals: set[str] = set()
    moments: set[str] = set()
    unordered: set[str] = set()
    left_out: set[str] = set()
    child_keys: dict[str, frozenset[str]] = {}
    for model in apps.get_models():
        if not issubclass(model, RevisionMixin):
            continue
        left_out |= set(getattr(model, "fields_without_words", ()))
        for each in (model, *(row.related_model for row in get_all_child_relations(model))):
            fields = each._meta.concrete_fields
            rich_text |= {field.name for field in fields if isinstance(field, RichTextField)}
            streams |= {field.name for field in fields if isinstance(field, StreamField)}
            decimals |= {field.name for field in fields if isinstance(field, DecimalField)}
            moments |= {field.name for field in fields if isinstance(field, DateTimeField)}
            unordered |= {field.name for field in get_all_child_m2m_relations(each)}
        for relation in get_all_child_relations(model):
            name = relation.get_accessor_name()
            own = getattr(relation.related_model, "fields_without_words", ())
            keys = {*ROW_BOOKKEEPING, relation.field.name, *own}
            child_keys[name] = child_keys.get(name, frozenset()) | keys
    return Names(
        frozenset(rich_text),
        frozenset(streams),
        frozenset(decimals),
        frozenset(moments),
        frozenset(unordered),
        frozenset(left_out),
        child_keys,
    )
