"""What surrounds every page, for the templates: the answer of `site/`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from core.models import ContentVersion
from core.web.caching import cached_part
from core.web.links import request_origin
from home.site_info import serialize_site

if TYPE_CHECKING:
    from django.http import HttpRequest

    from home.schemas import SiteInfo


def site(request: HttpRequest) -> dict[str, Any]:
    """Return ``site``, built only for the templates that show it, and kept as responses are.

    A page that isn't there is nobody's response to keep, and robots ask for many.
    """

    def build() -> SiteInfo:
        locale, origin = get_language() or "fr", request_origin(request)
        return cached_part(
            request,
            lambda: serialize_site(locale, origin),
            "Cookie",
            ContentVersion.current,
            *("site", locale, origin),
        )

    return {"site": SimpleLazyObject(build)}
