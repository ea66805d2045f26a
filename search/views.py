"""The search page: its address is its state, and it works without JavaScript."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from core.caching import cached
from core.links import origin_of, url_of
from core.listings import SITE_LIMIT, lenient
from core.models import ContentVersion
from core.schemas import Window
from search.listings import SearchFilters, say_search


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what a search finds; a value of the address that makes no sense is passed over."""

    def build() -> HttpResponse:
        filters = lenient(SearchFilters, request.GET, locale=get_language(), fallback=True)
        window = lenient(Window, request.GET, facets=True, limit=SITE_LIMIT)
        results = say_search(filters, window, origin_of(request), url_of(request))
        response = render(request, "search/search.html", {"results": results})
        # Its pages are the site's other pages, which search engines know.
        response["X-Robots-Tag"] = "noindex"
        return response

    return cached(request, build, vary="Cookie", get_version=ContentVersion.current)
