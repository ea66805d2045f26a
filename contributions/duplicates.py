"""Hints of what may be there already: the same link, or nearly the same title."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection
from django.urls import reverse
from wagtail.models import Page

from contributions.kinds import Kind
from contributions.models import Contribution, State
from core.registry import page_types

if TYPE_CHECKING:
    from django.db.models import QuerySet

NEAR = 0.5
CANDIDATES = 500
SHOWN = 5


@dataclass(frozen=True)
class Hint:
    """Something that may be the same."""

    title: str
    what: str
    url: str
    is_same_link: bool = False


def plain(text: str) -> str:
    """Return a title as it compares: no accents, no case, no double spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def link_key(link: str) -> str:
    """Return a link as it compares: without its scheme, ``www.``, end slash or fragment."""
    bare = link.split("#", maxsplit=1)[0].strip().lower()
    return bare.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")


def hints(contribution: Contribution) -> list[Hint]:
    """Return what looks like a contribution, the surest first."""
    others = Contribution.objects.exclude(pk=contribution.pk).exclude(state=State.DRAFT)
    found: dict[str, Hint] = {}
    if contribution.link:
        key = link_key(contribution.link)
        for other in others.filter(link__icontains=key[:200])[:SHOWN]:
            if link_key(other.link) == key:
                hint = _of_contribution(other, is_same_link=True)
                found[hint.url] = hint
        for page in _pages_linking(key):
            found[_page_url(page)] = _of_page(page, is_same_link=True)
    if contribution.title:
        pages = Page.objects.filter(depth__gt=2).exclude(pk=contribution.draft_id or 0)
        for other in near(others, contribution.title):
            found.setdefault(_of_contribution(other).url, _of_contribution(other))
        for page in near(pages, contribution.title):
            found.setdefault(_page_url(page), _of_page(page))
    return list(found.values())[: 2 * SHOWN]


def near(rows: QuerySet[Any], title: str) -> list[Any]:
    """Return the rows whose title is close to another one, closest first."""
    if _has_trigrams():
        return list(
            rows.annotate(nearness=TrigramSimilarity("title", title))
            .filter(nearness__gte=NEAR)
            .order_by("-nearness")[:SHOWN]
        )
    wanted = plain(title)
    scored = []
    for row in rows.order_by("-pk")[:CANDIDATES]:
        matcher = difflib.SequenceMatcher(None, wanted, plain(row.title))
        if matcher.real_quick_ratio() >= NEAR and matcher.ratio() >= NEAR + 0.2:
            scored.append((matcher.ratio(), row.pk, row))
    return [row for _ratio, _pk, row in sorted(scored, reverse=True)[:SHOWN]]


def _has_trigrams() -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
        return cursor.fetchone() is not None


def _pages_linking(key: str) -> list[Page]:
    """Return the pages whose own link is this one."""
    pages: list[Page] = []
    for model in page_types():
        if any(field.name == "external_url" for field in model._meta.concrete_fields):
            rows = model._default_manager.filter(external_url__icontains=key[:200])[:SHOWN]
            pages += [row for row in rows if link_key(row.external_url) == key]
    return pages


def _page_url(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def _of_page(page: Page, is_same_link: bool = False) -> Hint:
    return Hint(page.draft_title or page.title, "Page", _page_url(page), is_same_link)


def _of_contribution(other: Contribution, is_same_link: bool = False) -> Hint:
    url = reverse("contribution:inspect", args=[other.pk])
    return Hint(other.name, Kind(other.kind).short_label, url, is_same_link)
