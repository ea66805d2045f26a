"""Pages of the website, at the addresses of their items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from wagtail.models import Page
from wagtail.views import serve as wagtail_serve

from published.paths import normalise_path
from published.queries import page_items

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def serve(request: HttpRequest, path: str) -> HttpResponse:
    """Serve the page that has its item at this address, or let Wagtail look for one.

    Wagtail finds pages by their rows as they are now, which may differ from what was admitted: who
    asks for such an address is led to where the page is. Wagtail is left with those for some
    readers only, and with addresses at which there is nothing.
    """
    item = page_items().filter(path=normalise_path(request.path)).select_related("page").first()
    if item is None or item.page is None or not request.path.endswith("/"):
        found = Page.find_for_request(request, path)
        own = page_items().filter(page=found).exclude(path="").first() if found else None
        if own is not None and own.path != normalise_path(request.path):
            return redirect(own.path)
        return wagtail_serve(request, path)
    page = item.page.specific
    page._state.fields_cache["published_item"] = item
    response: HttpResponse = page.serve(request)
    return response
