"""Redirects from former addresses: to where a page was admitted, and not to where its row is."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit, urlunsplit

from django.conf import settings
from django.db.models import F
from django.http import HttpResponsePermanentRedirect, HttpResponseRedirect
from django.http.request import validate_host
from django.template.response import SimpleTemplateResponse
from wagtail.contrib.redirects.middleware import RedirectMiddleware
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Site
from wagtail.wagtail_hooks import check_view_restrictions

from core.plain_text import has_forbidden
from core.web.links import request_origin
from published.paths import normalise_path
from published.queries import restricted_or_public_items

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from published.models import Item


class Destination(NamedTuple):
    """Where the redirects from an address lead in the end, and the last of them."""

    location: str
    is_permanent: bool
    last: Redirect


def find_destination(address: str, items: QuerySet[Item], origin: str) -> Destination | None:
    """Return where the redirects from an address lead in the end, if that is somewhere.

    They are followed as far as one leads on, so that none leads on from where a reader arrives:
    whatever rows there are, nobody is led in a circle, nor to where they were.

    Args:
        address: path on the site with its query, encoded or not.
        items: those of the pages to which they may lead.
        origin: that of the site.
    """
    followed: list[Redirect] = []
    location, here = "", address
    while here and (found := _redirect_from(here, items)):
        location = location_of(found, items)
        if not location or found in followed:
            return None
        followed.append(found)
        here = _address_here(location, origin)
    if not followed:
        return None
    return Destination(location, all(each.is_permanent for each in followed), followed[-1])


def _redirect_from(address: str, items: QuerySet[Item]) -> Redirect | None:
    path, _, query = address.partition("?")
    found = (find_redirect(address) if query else None) or find_redirect(path)
    # One that was made when a page left its address stays when it is back: the page answers.
    is_of_a_page = found is not None and items.filter(path=normalise_path(path)).exists()
    return None if is_of_a_page else found


def _address_here(location: str, origin: str) -> str:
    """Return the path and query of an address of our own site, or nothing of another's."""
    try:
        parts = urlsplit(location)
        host = parts.hostname or ""
    except ValueError:
        return ""
    # A site may have several names; that any host is taken (development) makes none of them ours.
    hosts = [each for each in settings.ALLOWED_HOSTS if each != "*"]
    is_ours = not parts.netloc or host == urlsplit(origin).hostname or validate_host(host, hosts)
    if not is_ours:
        return ""
    return urlunsplit(("", "", parts.path or "/", parts.query, ""))


def find_redirect(address: str) -> Redirect | None:
    """Return the redirect from an address of the site, encoded or not."""
    if has_forbidden(unquote(address)):
        return None  # PostgreSQL stores no such text.
    rows = Redirect.get_for_site(Site.objects.filter(is_default_site=True).first())
    # That of the site before that of any site.
    order = F("site").desc(nulls_last=True)
    old_path = Redirect.normalise_path(re.sub("^/+", "/", address))
    return rows.filter(old_path=old_path).order_by(order).first()


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
        address, origin = request.get_full_path(), request_origin(request)
        found = find_destination(address, restricted_or_public_items(), origin)
        return answer_redirect(request, found) if found else response


def answer_redirect(request: HttpRequest, found: Destination) -> HttpResponse:
    """Return the redirect, or what asks for the right to read the page to which it leads."""
    kind = HttpResponsePermanentRedirect if found.is_permanent else HttpResponseRedirect
    if not found.last.redirect_page_id:
        return kind(found.location)
    ask_first = check_view_restrictions(lambda *serve_arguments: kind(found.location))
    response: HttpResponse = ask_first(found.last.redirect_page.specific, request, [], {})
    if isinstance(response, SimpleTemplateResponse):
        response.render()
    return response
