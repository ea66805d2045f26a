"""Redirects from former addresses: to where a page was admitted, and not to where its row is."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import unquote

from django.db.models import F
from django.http import HttpResponsePermanentRedirect, HttpResponseRedirect
from django.template.response import SimpleTemplateResponse
from wagtail.contrib.redirects.middleware import RedirectMiddleware
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site
from wagtail.wagtail_hooks import check_view_restrictions

from core.plain_text import has_forbidden
from published.queries import restricted_or_public_items

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from published.models import Item


def find_redirect(path: str) -> Redirect | None:
    """Return the redirect from a path of the site, encoded or not."""
    if has_forbidden(unquote(path)):
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
        """Lead a reader who found nothing to where it is now.

        A password or a sign-in is asked for here: the address of a page that is not for all has
        words too.
        """
        if response.status_code != HTTPStatus.NOT_FOUND:
            return response
        for path in dict.fromkeys((request.get_full_path(), request.path)):
            found = find_redirect(path)
            location = location_of(found, restricted_or_public_items()) if found else ""
            if found and location:
                return answer_redirect(request, found, location)
        return response


def answer_redirect(request: HttpRequest, found: Redirect, location: str) -> HttpResponse:
    """Return the redirect, or what asks for the right to read the page to which it leads."""
    kind = HttpResponsePermanentRedirect if found.is_permanent else HttpResponseRedirect
    if not found.redirect_page_id:
        return kind(location)
    ask_first = check_view_restrictions(lambda *serve_arguments: kind(location))
    response: HttpResponse = ask_first(found.redirect_page.specific, request, [], {})
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response
