"""Where things are: paths on the site, absolute addresses for those who read us from elsewhere."""

from __future__ import annotations

import re
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.translation import override

if TYPE_CHECKING:
    from django.http import HttpRequest
    from wagtail.models import Page

# In a tag, hence before its end: words may be about links.
LOCAL_URL = re.compile(r'(?<=\s)(href|src)="(/(?!/)[^"]*)"(?=[^<>]*>)')


def request_origin(request: HttpRequest) -> str:
    """Return the origin (RFC 6454: scheme, host, port) that our addresses start with.

    ``PUBLIC_URL`` wins, so that a response never depends on a ``Host`` header
    in production; without it (development) the request's own host serves. A
    preview has no origin then: Wagtail makes its request up, without our port.
    """
    if settings.PUBLIC_URL or getattr(request, "is_preview", False):
        return settings.PUBLIC_URL
    return f"{request.scheme}://{request.get_host()}"


def email_base_url(origin: str = "") -> str:
    """Return what links in e-mails start with: *origin*, that of a request, where there is one."""
    return origin or settings.PUBLIC_URL or settings.WAGTAILADMIN_BASE_URL


def mail_domain() -> str:
    """Return the domain of our Message-IDs: that of the site, or of the sender."""
    host = urlsplit(settings.PUBLIC_URL).hostname
    return host or parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"


def canonical_url(request: HttpRequest) -> str:
    """Return the address of this request, under our canonical origin."""
    return f"{request_origin(request)}{request.get_full_path()}"


def page_path(page: Page) -> str:
    """Return a page's path on its site, ``/`` for one that no site serves yet (a preview)."""
    parts = page.get_url_parts()
    return (parts[2] if parts else None) or "/"


def localized_path(route: str, locale: str, *args: object) -> str:
    """Return the path of a route, with the prefix of a language."""
    with override(locale):
        return reverse(route, args=args)


def build_absolute_url(url: str, origin: str) -> str:
    """Return ``url`` with our origin in front of it if it is a path."""
    return f"{origin}{url}" if url.startswith("/") else url


def absolute_links(html: str, origin: str) -> str:
    """Return ``html`` with every local ``href`` and ``src`` made absolute."""
    return LOCAL_URL.sub(rf'\1="{origin}\2"', html)
