"""What surrounds every page, for the templates: the answer of `site/`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from core.web.links import request_origin
from home.site_info import serialize_site

if TYPE_CHECKING:
    from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return ``site``, asked of the database only by the templates that show it."""
    return {
        "site": SimpleLazyObject(
            lambda: serialize_site(get_language() or "fr", request_origin(request))
        )
    }
