"""Where Wagtail takes the origin of our addresses from: ``PUBLIC_URL``, as all that is ours does.

Its own is a row, ``Site``, which a new site has as ``http://localhost``: API v2, e-mails and
screens of the team would lead there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import wagtail.api.utils
from django.conf import settings
from wagtail.models import Site

from core.web.links import request_origin

if TYPE_CHECKING:
    from django.http import HttpRequest


def patch_wagtail_addresses() -> None:
    """Patch Wagtail to start addresses of the default site as :mod:`core.web.links` does."""
    of_row, of_wagtail = Site.root_url.fget, wagtail.api.utils.get_base_url

    def root_url(site: Site) -> str:
        is_public = settings.PUBLIC_URL and site.is_default_site
        return str(settings.PUBLIC_URL if is_public else of_row(site))

    def get_base_url(request: HttpRequest | None = None) -> str | None:
        found: str | None = request_origin(request) if request else of_wagtail()
        return found

    Site.root_url = property(root_url)
    wagtail.api.utils.get_base_url = get_base_url
