"""Which addresses the public is led to, and from where."""

from __future__ import annotations

import re
from collections import defaultdict
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urldefrag, urlsplit

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q, URLField
from django.utils.encoding import iri_to_uri
from wagtail.snippets.models import get_snippet_models

from core.references import references_in, to_words
from core.registry import find_schema, registered_models
from published.composing import Reading, fill, look_up
from published.models import Item, LinkedAddress, LinkUse
from published.queries import CONDITIONS, items_of, page_items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

OURS = "https://pare.invalid"
"""What our own addresses start with here (RFC 2606)."""
HREF = re.compile(r'(?<=\s)href="([^"]*)"(?=[^<>]*>)')
BATCH_SIZE = 100
PICTURES = frozenset({"picture", "picture_url"})
BY_REVIEW = "is_published_by_review"
"""What a model has that is false where what was sent stays as it was: issues of the newsletter."""

Use = tuple[int, int, str]
"""The type and key of what holds a link, and the address."""


def collect_links() -> int:
    """Bring up to date which public things lead to which addresses.

    Returns:
        How many addresses there are.
    """
    found = {use for uses in (_of_items(), _of_snippets()) for use in uses}
    kept = {
        (use.content_type_id, use.thing_id, use.address.url): use.pk
        for use in LinkUse.objects.select_related("address")
    }
    with transaction.atomic():
        LinkUse.objects.filter(pk__in=[kept[use] for use in set(kept) - found]).delete()
        addresses = _addresses({url for _type, _key, url in found})
        LinkUse.objects.bulk_create(
            (
                LinkUse(content_type_id=type_id, thing_id=key, address_id=addresses[url])
                for type_id, key, url in sorted(found - set(kept))
            ),
            batch_size=BATCH_SIZE,
            ignore_conflicts=True,
        )
        LinkedAddress.objects.filter(uses=None).delete()
    return len(addresses)


def _addresses(urls: set[str]) -> dict[str, int]:
    known = dict(LinkedAddress.objects.values_list("url", "pk"))
    LinkedAddress.objects.bulk_create(
        (LinkedAddress(url=url) for url in sorted(urls - set(known))),
        batch_size=BATCH_SIZE,
        ignore_conflicts=True,
    )
    rows = LinkedAddress.objects.values_list("url", "pk")
    return {url: pk for url, pk in rows if url in urls}


def checked_items() -> QuerySet[Item]:
    """Return the items whose links are looked after: what anyone may read now.

    Not what repeats another's words, nor what stays as it was sent.
    """
    shown = Q(pk__in=page_items().values("pk"))
    for model in CONDITIONS:
        shown |= Q(pk__in=items_of(model).values("pk"))
    kept = [each for each in registered_models() if not getattr(each, BY_REVIEW, True)]
    types = ContentType.objects.get_for_models(*kept).values()
    return Item.objects.filter(shown, is_alias=False).exclude(content_type__in=types)


def _of_items() -> Iterator[Use]:
    items = checked_items().only("content_type", "thing_id", "language", "card", "detail")
    by_language: dict[str, list[Item]] = defaultdict(list)
    for item in items.order_by("pk").iterator(BATCH_SIZE):
        batch = by_language[item.language]
        batch.append(item)
        if len(batch) == BATCH_SIZE:
            yield from _of_batch(by_language.pop(item.language))
    for batch in by_language.values():
        yield from _of_batch(batch)


def _of_batch(items: list[Item]) -> Iterator[Use]:
    """Yield those of items of one language, as anyone reads them: a structure may hide its own."""
    words = [{**item.card, **item.detail} for item in items]
    # No picture is to be drawn for this.
    references = {ref for ref in references_in(words) if ref.kind not in PICTURES}
    reading = Reading(OURS, items[0].language)
    found = {ref: None for ref in references_in(words) if ref.kind in PICTURES}
    found |= look_up([to_words(list(references))], reading)
    for item, each in zip(items, words, strict=True):
        for url in urls_in(fill(each, found)):
            yield item.content_type_id, item.thing_id, url


def urls_in(words: Any) -> set[str]:
    """Return the addresses to which words lead: those of the web, and paths of ours in texts."""
    found = set()
    pending = [words]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            pending += each.values()
        elif isinstance(each, list):
            pending += each
        elif isinstance(each, str):
            # A whole value that is ours is the address of a page, a file or a picture.
            is_url = each.startswith(("http://", "https://")) and not each.startswith(OURS)
            links = [each] if is_url else [unescape(link) for link in HREF.findall(each)]
            found |= {url for link in links if (url := normalise(link))}
    return found


def normalise(link: str) -> str:
    """Return an address as it is kept: without a fragment, ASCII; ours as paths; or nothing."""
    try:
        parts = urlsplit(urldefrag(link.strip()).url)
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return ""
    is_ours = f"{parts.scheme}://{parts.netloc}" in {OURS, settings.PUBLIC_URL}
    url = iri_to_uri(parts.path or "/" if is_ours else parts.geturl())
    return url if len(url) <= LinkedAddress.MAX_LENGTH else ""


def models_with_links() -> list[Any]:
    """Return the snippets that are public on saving, such as funders, and have no item."""
    return [
        model
        for model in get_snippet_models()
        if getattr(model, "affects_public_content", False) and find_schema(model) is None
    ]


def _of_snippets() -> Iterator[Use]:
    for model in models_with_links():
        names = [field.name for field in model._meta.fields if isinstance(field, URLField)]
        if not names:
            continue
        type_id = ContentType.objects.get_for_model(model).pk
        # An address is the same in each language.
        rows = model._default_manager.filter(locale__language_code=settings.LANGUAGE_CODE)
        for key, *values in rows.values_list("pk", *names):
            for value in values:
                if url := normalise(value or ""):
                    yield type_id, key, url
