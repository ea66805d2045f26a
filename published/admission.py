"""The door: words become public here, and by no other way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import Page
from wagtail.search import index

from core.models import ContentVersion
from core.references import Ref, references_in, to_words
from core.registry import card_for, find_schema
from core.schemas import Teaser
from published.models import FormerSlug, Item, ItemFacet, ItemReference, LedgerEntry
from published.paths import has_items_below, path_of, update_paths
from published.texts import texts_of
from review.content import canonical_hash
from review.records import record_admission
from review.rights import refusal
from review.workflow import approved_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Model

    from review.actors import Actor

admitting = Signal()
"""Sent before the words of something are admitted, in the same transaction.

What else becomes public with them is written then. Arguments: ``instance``, as it is admitted,
and ``actor``, who admits it.
"""

written = Signal()
"""Sent after items of one model are written, before they are indexed, in the same transaction.

Also when they are built anew: what is kept beside items is written then. Arguments: ``items``,
and ``things``, the instances with the content of each.
"""


class AdmissionRefused(PermissionDenied):
    """Words may not become public; the message has why, for people."""


def refuse(thing: Model, content: Mapping[str, Any], actor: Actor | None) -> None:
    """Refuse that words become public, before anything is written.

    Args:
        thing: the page or snippet.
        content: its words, as its revision or ``serializable_data()`` has them.
        actor: who makes them public.

    Raises:
        AdmissionRefused: they may not.
    """
    reason = refusal(thing, content, actor)
    if reason is None and isinstance(thing, Page):
        reason = _address_is_taken(thing, str(content.get("slug") or thing.slug))
    if reason:
        raise AdmissionRefused(reason)


def _address_is_taken(page: Page, slug: str) -> str | None:
    path = path_of(page, slug) if page.pk else ""
    others = Item.objects.filter(path=path).exclude(page=page.pk) if path else Item.objects.none()
    title = others.values_list("title", flat=True).first()
    if title is None:
        return None
    return _(
        "« %(title)s » est déjà en ligne à cette adresse : changez le « slug » de cette page, dans "
        "l'onglet « Promotion »."
    ) % {"title": title}


@transaction.atomic
def admit(thing: Any, actor: Actor | None) -> Item:
    """Make the words of a thing public, as its instance has them.

    Args:
        thing: the page or snippet, as it was published; of its specific type.
        actor: who makes them public.

    Returns:
        What the public reads of it from now on.

    Raises:
        AdmissionRefused: they may not become public; nothing was written.
    """
    content = thing.serializable_data()
    refuse(thing, content, actor)
    admitting.send(type(thing), instance=thing, actor=actor)
    item = write_item(thing, content)
    _record(item, LedgerEntry.Act.ADMIT, actor, approvers=approvers_of(thing, item.content_hash))
    record_admission(thing, item.content_hash)
    if isinstance(thing, Page):
        for alias in Page.objects.filter(alias_of=thing.pk):
            write_alias(alias)
    return item


@transaction.atomic
def withdraw(
    thing: Any, actor: Actor | None, reason: str = "", *, is_deleted: bool = False
) -> None:
    """Take the words of a thing out of what the public reads, if they are there.

    Args:
        thing: the page or snippet.
        actor: who does it.
        reason: why, where nobody did it by hand.
        is_deleted: whether its row goes too, so that nothing can stay below it.
    """
    content_type = ContentType.objects.get_for_model(thing)
    item = Item.objects.filter(content_type=content_type, thing_id=thing.pk).first()
    if item is None:
        return
    _record(item, LedgerEntry.Act.WITHDRAW, actor, reason=reason)
    if item.page_id and not is_deleted:
        FormerSlug.objects.update_or_create(page_id=item.page_id, defaults={"slug": item.slug})
    index.remove_object(item)
    item.delete()
    ContentVersion.bump()


def approvers_of(thing: Model, content_hash: str) -> list[int]:
    """Return the keys of the users whose approvals of this very content were needed, if any."""
    pairs = approved_pairs(thing, content_hash)
    return list(next(iter(pairs), ()))


def write_item(thing: Any, content: Mapping[str, Any]) -> Item:
    """Write what the public reads of a thing, from an instance that has the admitted content."""
    words = build_words(thing)
    values = item_values(thing, content, words)
    content_type = ContentType.objects.get_for_model(thing)
    before = Item.objects.filter(content_type=content_type, thing_id=thing.pk).first()
    item = before or Item(content_type=content_type, thing_id=thing.pk)
    has_moved = before is None or before.path != values["path"]
    has_moved = has_moved and isinstance(thing, Page) and has_items_below(thing)
    for name, value in values.items():
        setattr(item, name, value)
    item.save()
    _write_parts(item, words.facets, words.references(), is_new=before is None)
    if has_moved:
        update_paths(thing)
    written.send(type(thing), items=[item], things=[thing])
    index.insert_or_update_object(item)
    ContentVersion.bump()
    return item


def item_values(thing: Any, content: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return the values of the columns of the item of a thing."""
    page = thing if isinstance(thing, Page) else None
    first = thing.first_published_at or timezone.now()
    slug = str(getattr(thing, "slug", ""))
    body_text, row_text = texts_of(thing)
    return {
        "kind": words.kind,
        "page_id": page.pk if page else None,
        "translation_key": thing.translation_key,
        "language": thing.locale.language_code,
        "is_alias": False,
        "slug": slug,
        "path": path_of(page, slug) if page else thing.path,
        "title": str(words.card.get("title", "")),
        "card": words.card,
        "teaser": words.teaser,
        "detail": words.detail,
        "content": _plain(content),
        "content_hash": canonical_hash(content),
        "body_text": body_text,
        "row_text": row_text,
        "published_at": first,
        "updated_at": thing.last_published_at or first,
        **words.columns,
    }


COPIED = (
    *("kind", "title", "date", "starts_at", "ends_at", "number"),
    *("card", "teaser", "detail", "content", "content_hash", "body_text", "row_text"),
    *("published_at", "updated_at"),
)


def write_alias(alias: Page) -> Item | None:
    """Write the item of an alias: the words of its source's, at its own place."""
    source = Item.objects.filter(page=alias.alias_of_id).first()
    if source is None:
        return None
    item = Item.objects.filter(page=alias.pk).first() or Item(
        content_type=source.content_type, thing_id=alias.pk, page=alias
    )
    for name in COPIED:
        setattr(item, name, getattr(source, name))
    item.is_alias = True
    item.translation_key, item.language = alias.translation_key, alias.locale.language_code
    item.slug, item.path = alias.slug, path_of(alias, alias.slug)
    item.save()
    facets: dict[str, set[object]] = {}
    for name, value in source.facets.values_list("name", "value"):
        facets.setdefault(name, set()).add(value)
    _write_parts(item, facets, set(source.references.values_list("kind", "key")))
    index.insert_or_update_object(item)
    ContentVersion.bump()
    return item


@dataclass(frozen=True)
class Words:
    """The words of a thing, and what lists go by."""

    kind: str
    card: dict[str, Any]
    teaser: dict[str, Any]
    detail: dict[str, Any]
    facets: Mapping[str, Iterable[object]]
    columns: Mapping[str, Any]

    def references(self) -> set[tuple[str, int]]:
        """Return what the words refer to, by kind and key."""
        found = references_in([self.card, self.teaser, self.detail])
        return {target for ref in found for target in targets_of(ref)}


def build_words(thing: Any) -> Words:
    """Return the words of a thing, as its schema has them."""
    model = type(thing)
    schema: Any = find_schema(model)
    with override(thing.locale.language_code):
        own = to_words(schema.own_words(thing))
        card_fields = card_for(model).model_fields
        return Words(
            kind=schema.type_name(),
            card={name: value for name, value in own.items() if name in card_fields},
            detail={name: value for name, value in own.items() if name not in card_fields},
            teaser=to_words(Teaser.own_words(thing)) if isinstance(thing, Page) else {},
            facets=schema.own_facets(thing),
            columns=schema.own_columns(thing),
        )


TARGETS = {
    **dict.fromkeys(("link", "url", "page_tag", "teaser", "teasers", "card", "cards"), "page"),
    **dict.fromkeys(("picture", "picture_url"), "image"),
    **dict.fromkeys(("file", "document_tag"), "document"),
    **dict.fromkeys(("territory", "territories"), "territory"),
}
"""What references of each kind lead to."""


def targets_of(ref: Ref) -> Iterable[tuple[str, int]]:
    """Return what a reference leads to, by kind and key."""
    match ref.kind:
        case "term" | "terms" | "term_label" | "tags":
            model, *pks = ref.key
            return [(model.lower(), pk) for pk in pks]
        case "picture" | "picture_url" | "file":
            return [(TARGETS[ref.kind], ref.key[0])]
        case kind if kind in TARGETS:
            return [(TARGETS[kind], pk) for pk in ref.key]
        case _:
            return []


def _write_parts(
    item: Item,
    facets: Mapping[str, Iterable[object]],
    references: Iterable[tuple[str, int]],
    *,
    is_new: bool = False,
) -> None:
    if not is_new:
        item.facets.all().delete()
        item.references.all().delete()
    ItemFacet.objects.bulk_create(
        ItemFacet(item=item, name=name, value=value) for name, value in facet_values(facets)
    )
    ItemReference.objects.bulk_create(
        ItemReference(item=item, kind=kind, key=key) for kind, key in sorted(references)
    )


def facet_values(facets: Mapping[str, Iterable[object]]) -> list[tuple[str, str]]:
    """Return the values by which lists are filtered, each with the name of its filter."""
    return [
        (name, value)
        for name, values in facets.items()
        for value in sorted({str(each) for each in values if each not in (None, "")})
    ]


def _plain(content: Mapping[str, Any]) -> dict[str, Any]:
    # As revisions are kept, so that the hash of the copy is that of what was approved.
    plain: dict[str, Any] = json.loads(json.dumps(dict(content), cls=DjangoJSONEncoder))
    return plain


def _record(
    item: Item,
    act: LedgerEntry.Act,
    actor: Actor | None,
    approvers: list[int] | None = None,
    reason: str = "",
) -> None:
    number = transaction_number()
    ledger_entry(item, act, actor, approvers, reason, transaction=number).save()


def ledger_entry(
    item: Item,
    act: LedgerEntry.Act,
    actor: Actor | None,
    approvers: list[int] | None = None,
    reason: str = "",
    *,
    transaction: int | None,
) -> LedgerEntry:
    """Return what is to be recorded of an act."""
    return LedgerEntry(
        act=act,
        content_type=item.content_type,
        thing_id=item.thing_id,
        translation_key=item.translation_key,
        kind=item.kind,
        content_hash=item.content_hash,
        user=actor.user if actor else None,
        approvers=approvers or [],
        reason=reason or (actor.system if actor else ""),
        transaction=transaction,
    )


def transaction_number() -> int | None:
    """Return PostgreSQL's number of this transaction: those below a snapshot's are all seen."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (number,) = cursor.fetchone()
    return int(number)
