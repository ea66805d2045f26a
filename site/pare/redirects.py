"""Redirects from former addresses: to where a page was admitted, and not to where its row is."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.db.models import F
from django.http import HttpResponsePermanentRedirect, HttpResponseRedirect
from wagtail.contrib.redirects.middleware import RedirectMiddleware
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site

from published.queries import restricted_or_public_items

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from published.models import Item


def find_redirect(path: str) -> Redirect | None:
    """Return the redirect from a path of the site, encoded or not."""
    if "\0" in path:
        return None  # PostgreSQL stores no such text.
    rows = Redirect.get_for_site(Site.objects.filter(is_default_site=True).first())
    # That of the site before that of any site.
    order = F("site").desc(nulls_last=True)
    return rows.filter(old_path=Redirect.normalise_path(path)).order_by(order).first()


def location_of(found: Redirect, items: QuerySet[Item]) -> str:
    """Return where a redirect leads, or "" if that is nowhere.

    Args:
        found: the redirect.
        items: those of the pages to which it may lead.
    """
    if not found.redirect_page_id:
        return str(found.redirect_link)
    path = items.filter(page=found.redirect_page_id).values_list("path", flat=True).first()
    return path + found.redirect_page_route_path.lstrip("/") if path else ""


class AdmittedRedirectMiddleware(RedirectMiddleware):
    """Wagtail's, which asks the row of a page for its address: an address has words too."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Lead a reader who found nothing to where it is now, to ask for a password included."""
        if response.status_code != HTTPStatus.NOT_FOUND:
            return response
        for path in dict.fromkeys((request.get_full_path(), request.path)):
            found = find_redirect(path)
            location = location_of(found, restricted_or_public_items()) if found else ""
            if found and location:
                kind = HttpResponsePermanentRedirect if found.is_permanent else HttpResponseRedirect
                return kind(location)
        return response
