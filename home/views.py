"""Leaving the site without JavaScript, and the page of what the site keeps of its visitors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import DatabaseError
from django.shortcuts import render
from django.utils.encoding import iri_to_uri
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.models import ContentVersion
from core.web.caching import cached
from core.web.links import request_origin
from home.models import SiteSettings
from home.privacy import build_privacy_notice

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@never_cache
@require_safe
def quick_exit(request: HttpRequest) -> HttpResponse:
    """Return an empty page that leads to the neutral one.

    A browser keeps showing the page that is left until the next one answers. That one is
    somebody else's and far away; this one is near, empty, and there at once. The refresh without
    delay puts the neutral page in its place in the history.
    """
    try:
        neutral = SiteSettings.load().quick_exit_url
    except DatabaseError:
        # An exit works while nothing else does.
        neutral = SiteSettings().quick_exit_url
    response = render(request, "home/quick_exit.html", {"neutral": neutral})
    response["Refresh"] = f"0; url={iri_to_uri(neutral)}"
    return response


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show what the site keeps of visitors: the answer of `privacy/`, as a page."""

    def build() -> HttpResponse:
        locale = get_language() or settings.LANGUAGE_CODE
        notice = build_privacy_notice(locale, request_origin(request))
        return render(request, "home/privacy.html", {"notice": notice})

    return cached(request, build, vary="Cookie", get_version=ContentVersion.current)
