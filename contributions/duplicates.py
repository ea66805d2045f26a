"""Possible duplicates of a contribution: the same link, or nearly the same title."""

from __future__ import annotations

import difflib
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection
from django.urls import reverse
from wagtail.models import Page

from contributions.kinds import ContributionKind
from contributions.models import Contribution, ContributionState
from core.registry import page_types

if TYPE_CHECKING:
    from django.db.models import QuerySet

MIN_SIMILARITY = 0.5
MIN_RATIO = MIN_SIMILARITY + 0.2
"""Of difflib, which finds texts more alike than trigrams do."""
MAX_CANDIDATES = 500
MAX_RESULTS = 5


@dataclass(frozen=True)
class PossibleDuplicate:
    """A page or a contribution that may be the same."""

    title: str
    what: str
    url: str
    is_same_link: bool = False


def normalize_title(text: str) -> str:
    """Return a title to compare: no accents, no case, no double spaces."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def normalize_link(link: str) -> str:
    """Return a link to compare: no scheme, ``www.``, end slash or fragment."""
    bare = link.split("#", maxsplit=1)[0].strip().lower()
    return bare.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")


def possible_duplicates(contribution: Contribution) -> list[PossibleDuplicate]:
    """Return what looks like a contribution, the surest first."""
    others = Contribution.objects.exclude(pk=contribution.pk).exclude(state=ContributionState.DRAFT)
    draft = contribution.live_draft()
    own_page = draft.pk if isinstance(draft, Page) else None
    found: dict[str, PossibleDuplicate] = {}
    if contribution.link:
        key = normalize_link(contribution.link)
        for other in others.filter(link__icontains=key[:200])[:MAX_RESULTS]:
            if normalize_link(other.link) == key:
                duplicate = _of_contribution(other, is_same_link=True)
                found[duplicate.url] = duplicate
        for page in _pages_linking(key):
            if page.pk == own_page:
                continue
            found[_page_url(page)] = _of_page(page, is_same_link=True)
    if contribution.title:
        pages = Page.objects.filter(depth__gt=2).exclude(pk=own_page or 0)
        for other in similar_titles(others, contribution.title):
            found.setdefault(_of_contribution(other).url, _of_contribution(other))
        for page in similar_titles(pages, contribution.title):
            found.setdefault(_page_url(page), _of_page(page))
    return list(found.values())[: 2 * MAX_RESULTS]


def similar_titles(rows: QuerySet[Any], title: str) -> list[Any]:
    """Return the rows whose title is similar, closest first."""
    if _has_trigrams():
        return list(
            rows.annotate(similarity=TrigramSimilarity("title", title))
            .filter(similarity__gte=MIN_SIMILARITY)
            .order_by("-similarity")[:MAX_RESULTS]
        )
    wanted = normalize_title(title)
    scored = []
    for row in rows.order_by("-pk")[:MAX_CANDIDATES]:
        matcher = difflib.SequenceMatcher(None, wanted, normalize_title(row.title))
        if matcher.real_quick_ratio() >= MIN_SIMILARITY and matcher.ratio() >= MIN_RATIO:
            scored.append((matcher.ratio(), row.pk, row))
    return [row for _ratio, _pk, row in sorted(scored, reverse=True)[:MAX_RESULTS]]


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
            rows = model._default_manager.filter(external_url__icontains=key[:200])[:MAX_RESULTS]
            pages += [row for row in rows if normalize_link(row.external_url) == key]
    return pages


def _page_url(page: Page) -> str:
    return reverse("wagtailadmin_pages:edit", args=[page.pk])


def _of_page(page: Page, is_same_link: bool = False) -> PossibleDuplicate:
    return PossibleDuplicate(page.draft_title or page.title, "Page", _page_url(page), is_same_link)


def _of_contribution(other: Contribution, is_same_link: bool = False) -> PossibleDuplicate:
    url = reverse("contribution:inspect", args=[other.pk])
    return PossibleDuplicate(
        other.name, ContributionKind(other.kind).short_label, url, is_same_link
    )
