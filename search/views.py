"""The search page: its address is its state, and it works without JavaScript."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from core.models import ContentVersion
from core.schemas import Pagination
from core.web.caching import cached
from core.web.links import canonical_url, request_origin
from published.listings import SITE_LIMIT, parse_query_leniently
from search.listings import SEARCH_FACETS, SearchFilters, search_pages

FOUND = "found_count"
"""Name of what the answer to a new search has: how many pages were found, cached with it."""


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what a search finds; invalid values of the query string are ignored."""

    def build() -> HttpResponse:
        filters = parse_query_leniently(
            SearchFilters, request.GET, locale=get_language(), fallback=True
        )
        pagination = parse_query_leniently(Pagination, request.GET, facets=True, limit=SITE_LIMIT)
        results = search_pages(filters, pagination, request_origin(request), canonical_url(request))
        response = render(request, "search/search.html", {"results": results})
        # Its pages are the site's other pages, which search engines know.
        response["X-Robots-Tag"] = "noindex"
        is_narrowed = any(filters.chosen(SEARCH_FACETS).values())
        if filters.q.strip() and not pagination.offset and not is_narrowed:
            setattr(response, FOUND, results.count)
        return response

    return cached(request, build, vary="Cookie", get_version=ContentVersion.current)
