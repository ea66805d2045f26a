"""Tags and filters of links: current page, targets, languages, pagination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypedDict
from urllib.parse import urlsplit

from django import template
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from core.schemas import Block, Link, PageDetail
    from core.schemas.lists import FacetedList, PaginatedList

register = template.Library()

PAGES_AROUND_CURRENT = 1
"""How many page numbers to show on each side of the current one."""


PART_LEVEL = 2


class BodyPart(TypedDict):
    """A part of a long page."""

    number: int
    text: str


class SiteLanguage(Protocol):
    """What has a language and a home page (``home.schemas.Language``, which core can't import)."""

    locale: str
    home: Link


class PaginationStep(TypedDict):
    """A page of a list. Without a number, it stands for those left out."""

    number: int | None
    offset: int
    is_current: bool


@register.filter
def aria_current(path: str, link: str) -> str:
    """Return the value of ``aria-current`` for a menu's link on the page at ``path``.

    ``page`` for the page itself, ``true`` for a section that it is in, else empty.
    """
    if path == link:
        return "page"
    return "true" if link != "/" and path.startswith(link) else ""


@register.filter
def channel_of(url: str, home_url: str) -> str:
    """Return what a link opens: ``site`` (a page of ours), ``external``, or its own scheme.

    Args:
        url: absolute, as schemas hold it.
        home_url: an absolute address of ours.
    """
    parts = urlsplit(url)
    if parts.scheme in {"tel", "sms", "mailto"}:
        return parts.scheme
    ours = urlsplit(home_url)
    return "site" if (parts.scheme, parts.netloc) == (ours.scheme, ours.netloc) else "external"


@register.filter
def host(url: str) -> str:
    """Return the host that a link leads to, without ``www.``."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


@register.filter
def french_url(page: PageDetail) -> str:
    """Return the address of a page in French, or of the page itself: for readers of any language.

    What search engines call ``x-default``.
    """
    french = (t.html_url for t in page.translations if t.locale == settings.LANGUAGE_CODE)
    return next(french, page.html_url)


@register.filter
def url_in(page: PageDetail | str, language: SiteLanguage) -> str:
    """Return the address of a page in a language, of the home page in it if there is none.

    Args:
        page: empty where no page is shown (a search, an error).
        language: one of the site's languages.
    """
    for translation in getattr(page, "translations", ()):
        if translation.locale == language.locale:
            return str(translation.html_url)
    return language.home.html_url


@register.filter
def parts(body: Iterable[Block]) -> list[BodyPart]:
    """Return the parts of a body: its headings of level 2, by the number of their block."""
    return [
        BodyPart(number=number, text=block.text)
        for number, block in enumerate(body, start=1)
        if block.type == "heading" and block.level == PART_LEVEL
    ]


@register.simple_tag(takes_context=True)
def address_without(context: template.Context, name: str, value: str) -> str:
    """Return the address of this list with one value of one filter taken off, at its first page."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    query.setlist(name, [kept for kept in query.getlist(name) if kept != value])
    query.pop("offset", None)
    return f"{request.path}?{query.urlencode()}" if query.urlencode() else request.path


@register.filter
def is_narrowed(results: FacetedList[Any]) -> bool:
    """Return whether words or filters keep something out of a list."""
    return bool(results.q) or any(
        v.selected for facet in results.facets or () for v in facet.values
    )


@register.filter
def is_bare(results: FacetedList[Any]) -> bool:
    """Return whether a list has nothing, without words, filters or a place to blame."""
    return not (results.count or is_narrowed(results) or getattr(results, "near", None))


@register.filter
def steps(results: PaginatedList[Any]) -> list[PaginationStep]:
    """Return the pages to offer on a list: the first, the last, and those around the current."""
    last = max(0, (results.count - 1) // results.limit)
    current = results.offset // results.limit
    wanted = {
        0,
        last,
        *range(
            max(0, current - PAGES_AROUND_CURRENT), min(last, current + PAGES_AROUND_CURRENT) + 1
        ),
    }
    found: list[PaginationStep] = []
    before = -1
    for index in sorted(wanted):
        if index == before + 2:
            # What would be left out takes no more room than what says so.
            found.append(_step(index - 1, results, current))
        elif index > before + 1:
            found.append(PaginationStep(number=None, offset=0, is_current=False))
        found.append(_step(index, results, current))
        before = index
    return found


def _step(index: int, results: PaginatedList[Any], current: int) -> PaginationStep:
    return PaginationStep(
        number=index + 1, offset=index * results.limit, is_current=index == current
    )
