"""Leaving the site without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import DatabaseError
from django.shortcuts import render
from django.utils.encoding import iri_to_uri
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from home.models import SiteSettings

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
